package config

// ownership decides which file an ID belongs to: the configuration file if it has the ID, else the included file whose ID is in force, else
// the first included file by name. So no client's file can take over what another client's pages show.
type ownership struct {
	main *Config // the contents of the configuration file itself
	name string  // of that file
	last *Config // in force; nil for none
}

// settle rejects each included file that has an ID of another file. Such a file falls back to its previous contents. Another file may claim
// an ID in there, which settle rejects in the next round.
func (o ownership) settle(all []*includedFile) {
	for again := true; again; {
		again = false
		owners := o.owners(all)
		for _, f := range all {
			if len(f.problems) > 0 {
				continue
			}
			for _, id := range idsOf(f.sources, f.widgets) {
				if owner := owners[id.path]; owner != f.Name {
					f.add(id.path, "exists already in "+owner, "an ID belongs to one file; choose another")
				}
			}
			if len(f.problems) > 0 {
				f.fallBack(o.last)
				again = true
			}
		}
	}
}

// owners returns the name of the file that each ID belongs to, by path.
func (o ownership) owners(all []*includedFile) map[string]string {
	before := map[string]string{}
	if o.last != nil {
		for _, id := range idsOf(o.last.Sources, o.last.Widgets) {
			before[id.path] = id.file
		}
	}
	owners := map[string]string{}
	for _, id := range idsOf(o.main.Sources, o.main.Widgets) {
		owners[id.path] = o.name
	}
	for _, f := range all {
		for _, id := range idsOf(f.sources, f.widgets) {
			owner, owned := owners[id.path]
			if !owned || owner != o.name && before[id.path] == f.Name {
				owners[id.path] = f.Name
			}
		}
	}
	return owners
}

// ownedID is a source or widget, and the Name of the included file that has it.
type ownedID struct{ path, file string }

// idsOf returns the IDs of sources and widgets.
func idsOf(sources []Source, widgets []Widget) (all []ownedID) {
	for _, s := range sources {
		all = append(all, ownedID{"sources." + s.Name, s.File})
	}
	for _, w := range widgets {
		all = append(all, ownedID{"widgets." + w.ID, w.File})
	}
	return all
}
