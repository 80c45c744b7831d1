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
			for _, path := range idsOf(f.sources, f.widgets) {
				switch owner := owners[path]; owner {
				case f.Name:
				case "":
					f.add(path, "exists already in "+o.name, "an ID belongs to one file; choose another")
				default:
					f.add(path, "exists already in "+owner, "an ID belongs to one file; choose another")
				}
			}
			if len(f.problems) > 0 {
				f.fallBack(o.last)
				again = true
			}
		}
	}
}

// owners returns the Name of the file that each ID belongs to, "" for the configuration file.
func (o ownership) owners(all []*includedFile) map[string]string {
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
	for _, path := range idsOf(o.main.Sources, o.main.Widgets) {
		owners[path] = ""
	}
	for _, f := range all {
		for _, path := range idsOf(f.sources, f.widgets) {
			owner, owned := owners[path]
			if !owned || owner != "" && before[path] == f.Name {
				owners[path] = f.Name
			}
		}
	}
	return owners
}

// idsOf returns the paths of sources and widgets.
func idsOf(sources []Source, widgets []Widget) (paths []string) {
	for _, s := range sources {
		paths = append(paths, "sources."+s.Name)
	}
	for _, w := range widgets {
		paths = append(paths, "widgets."+w.ID)
	}
	return paths
}
