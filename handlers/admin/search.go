package admin

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"waitboard/api/operator"
)

// A filter is what an operator searches for.
type filter struct {
	Query string
	Show  string // "problems": only what has problems; empty: everything
}

func filterOf(query url.Values) filter {
	return filter{Query: strings.TrimSpace(query.Get("q")), Show: query.Get("show")}
}

// On reports whether the filter leaves anything out.
func (f filter) On() bool { return f.Query != "" || f.Show == "problems" }

// apply returns a state without what the filter leaves out. widget:ID finds one widget and its sources, source:ID a source and its widgets.
// Other words are parts of IDs, titles, labels and addresses.
func (f filter) apply(s operator.State) operator.State {
	if !f.On() {
		return s
	}
	wanted := func(string, string, []string, ...string) bool { return true }
	if f.Query != "" {
		wanted = f.matches
	}
	troubled := map[string]bool{}
	for _, p := range s.Problems {
		troubled["source:"+p.Source] = true
		for _, id := range widgetsOf(&p) {
			troubled["widget:"+id] = true
		}
	}
	keep := func(key string) bool { return f.Show != "problems" || troubled[key] }
	users := map[string][]string{} // widgets by source
	for _, w := range s.Widgets {
		for _, source := range w.Sources {
			users[source] = append(users[source], w.ID)
		}
	}
	all := s
	s.Sources, s.Widgets, s.Problems = []operator.Source{}, []operator.Widget{}, []operator.Problem{}
	found := map[string]bool{}
	for _, source := range all.Sources {
		if keep("source:"+source.ID) && wanted("source:"+source.ID, "widget:", users[source.ID], source.Address) {
			s.Sources, found["source:"+source.ID] = append(s.Sources, source), true
		}
	}
	for _, w := range all.Widgets {
		texts := []string{w.Title}
		for _, m := range w.Metrics {
			texts = append(texts, m.Label)
		}
		if keep("widget:"+w.ID) && wanted("widget:"+w.ID, "source:", w.Sources, texts...) {
			s.Widgets, found["widget:"+w.ID] = append(s.Widgets, w), true
		}
	}
	for _, p := range all.Problems {
		widgets := widgetsOf(&p)
		if found["source:"+p.Source] || slices.ContainsFunc(widgets, func(id string) bool { return found["widget:"+id] }) || p.Source == "" && len(widgets) == 0 {
			s.Problems = append(s.Problems, p)
		}
	}
	return s
}

// matches reports whether the query finds something by its key, by the things that belong to it, or by its texts.
func (f filter) matches(key, kind string, others []string, texts ...string) bool {
	query := strings.ToLower(f.Query)
	if strings.HasPrefix(query, "source:") || strings.HasPrefix(query, "widget:") {
		id, ofOthers := strings.CutPrefix(query, kind)
		return query == key || ofOthers && slices.Contains(others, id)
	}
	_, id, _ := strings.Cut(key, ":")
	text := strings.ToLower(id + "\n" + strings.Join(texts, "\n"))
	for _, word := range strings.Fields(query) {
		if !strings.Contains(text, word) {
			return false
		}
	}
	return true
}

// A pager says which part of a list is shown.
type pager struct {
	From, To, Of   int
	Previous, Next string // queries of their addresses; empty: none
}

// paged returns a page of a list, and where it is.
func paged[T any](query url.Values, name string, perPage int, list []T) (pager, []T) {
	page, _ := strconv.Atoi(query.Get(name))
	last := max((len(list)+perPage-1)/perPage, 1)
	page = min(max(page, 1), last)
	to := func(page int) string {
		if page < 1 || page > last {
			return ""
		}
		query := url.Values{"q": query["q"], "show": query["show"], "sources": query["sources"], "page": query["page"]}
		query.Set(name, strconv.Itoa(page))
		return "?" + query.Encode()
	}
	p := pager{From: (page-1)*perPage + 1, To: min(page*perPage, len(list)), Of: len(list), Previous: to(page - 1), Next: to(page + 1)}
	return p, list[min(p.From-1, len(list)):p.To]
}
