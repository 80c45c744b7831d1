package config

import "iter"

// An ID belongs to one file: to the configuration file if that has it, otherwise to the included file that has it in force, otherwise to the first one
// by name. So no client's file can take away what another client's pages show.

// ownership decides which file an ID belongs to.
type ownership struct {
	main *Config // what the configuration file itself holds
	name string  // of that file
	last *Config // what is in force; nil for nothing
}

// settle refuses each included file that has an ID of another file. Such a file falls back to what it was, with IDs that may in turn be claimed by
// another one, which has to be refused then too.
func (o ownership) settle(parts []*part) {
	for again := true; again; {
		again = false
		owners := o.owners(parts)
		for _, p := range parts {
			if len(p.problems) > 0 {
				continue
			}
			for path := range p.ids() {
				if owner := owners[path]; owner != p.Name {
					p.add(path, "exists already in "+o.called(owner), "an ID belongs to one file; choose another")
				}
			}
			if len(p.problems) > 0 {
				p.fallBack(o.last)
				again = true
			}
		}
	}
}

// ids goes through the sources and widgets of a file, each by its path.
func (p *part) ids() iter.Seq[string] {
	return idsOf(p.sources, p.widgets)
}

func idsOf(sources []Source, widgets []Widget) iter.Seq[string] {
	return func(yield func(path string) bool) {
		for _, s := range sources {
			if !yield("sources." + s.Name) {
				return
			}
		}
		for _, w := range widgets {
			if !yield("widgets." + w.ID) {
				return
			}
		}
	}
}

// owners returns the Name of the file that each ID belongs to, "" for the configuration file.
func (o ownership) owners(parts []*part) map[string]string {
	before := map[string]string{}
	if o.last != nil {
		for _, s := range o.last.Sources {
			before["sources."+s.Name] = s.File
		}
		for _, w := range o.last.Widgets {
			before["widgets."+w.ID] = w.File
		}
	}
	owners := map[string]string{}
	for path := range idsOf(o.main.Sources, o.main.Widgets) {
		owners[path] = ""
	}
	for _, p := range parts {
		for path := range p.ids() {
			owner, owned := owners[path]
			if !owned || owner != "" && before[path] == p.Name {
				owners[path] = p.Name
			}
		}
	}
	return owners
}

// called returns how a problem calls a file.
func (o ownership) called(file string) string {
	if file == "" {
		return o.name
	}
	return file
}
