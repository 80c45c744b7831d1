package pages

import (
	"html/template"
	"net"
	"net/url"
	"strings"

	"waitboard/locale"
	"waitboard/publish"
	"waitboard/snippet"
)

// builder is the part of templates.Index that makes the HTML to paste: fields, a preview, and samples of all kinds.
type builder struct {
	Warning                                      string // about the address; empty: none
	Missing                                      bool   // the requested widget doesn't exist; this is another one
	Lang, Dir, Theme                             string
	Widgets, Layouts, Themes, Languages, Metrics []choice
	Charts                                       []choice // none: the widget has no history, or the kind no chart
	Places, Kinds                                []choice
	ColorHelp                                    string    // what Automatic means, unless it follows the page
	Steps                                        [2]string // how to paste the kind there
	Pin, Live, Scripted                          bool
	Bare                                         bool // several values without labels: the page warns
	Preview                                      preview
	HTML                                         string // to paste
	Address, Shown                               string // of the same HTML as text: relative to the page, and in full
	Samples                                      []sample
}

// A choice is one option of a field.
type choice struct {
	Value, Name string
	Chosen      bool
}

// A preview shows an embed: an element, other markup, or a line of text.
type preview struct {
	Element                       bool
	Widget, Metric, Layout, Theme string
	Locale, Chart                 string
	Markup                        template.HTML // for an element: inside it until its script runs
	Line                          string
}

// A sample is a preview of a kind. It links to the builder by its query, or to an address.
type sample struct {
	Name, Help, Address string
	Query               template.URL
	Preview             preview
}

var kindNames = map[snippet.Kind]string{
	snippet.Element: "Element", snippet.Script: "Script", snippet.IFrame: "Iframe", snippet.Image: "Image", snippet.Link: "Link", snippet.Address: "Address",
	snippet.Email: "E-mail", snippet.React: "React",
}

var (
	layoutNames = map[string]string{"card": "Card", "line": "Line", "compact": "Compact", "bare": "Bare value"}
	chartNames  = map[string]string{"none": "None", "day": "Today", "week": "This week"}
	themeNames  = map[string]string{"auto": "Automatic", "light": "Light", "dark": "Dark"}
)

// charted reports whether a kind can have a chart in a layout. The chart of an element is part of its card, and mail programs don't show SVG.
func charted(kind snippet.Kind, layout string) bool {
	return kind != snippet.Email && (layout == snippet.Layouts[0] || !kind.Scripted())
}

// here is the service's address relative to the gallery, which may differ from the public URL.
const here = "."

// builder returns the builder for the choices of a query, or nil without widgets. It ignores unknown choices, and
// accepts the ID of an unlisted widget.
func (p *Pages) builder(query url.Values) *builder {
	page, missing := p.chosenPage(query.Get("widget"))
	if page == nil {
		return nil
	}
	s := &page.Snapshot
	w := p.widgets[s.ID]
	c, _ := readChoices(query, w)
	at := placeOf(query.Get("place"), c.kind)
	kinds := at.kinds()
	c.kind = oneOf(c.kind, kinds)
	if !c.kind.Scripted() {
		c.metric = ""
	}
	text := widgetPath(s.ID) + "/snippet?" + c.query("")
	out := &builder{
		Missing: missing, Lang: s.Locale.Tag(), Dir: direction(s.Locale), Theme: c.theme,
		Widgets: p.widgetChoices(page), Languages: []choice{{Name: "Automatic"}}, Metrics: []choice{{Name: "Everything"}},
		Pin: c.pin, Live: c.live, Scripted: c.kind.Scripted(), Steps: at.steps(c.kind), Warning: p.addressWarning(),
		Bare:    c.layout == "bare" && c.metric == "" && len(w.Metrics) > 1 && c.kind.Scripted(),
		Preview: previewOf(c, c.kind, page, w), HTML: snippet.HTML(c.kind, c.options(p.PublicURL, page, w)),
		Address: here + text, Shown: p.PublicURL + text,
		Samples: samples(c, page, w),
	}
	switch {
	case c.kind == snippet.Email:
		out.ColorHelp = "Automatic is light, because an image in a mail can't adapt."
	case !c.kind.Scripted():
		out.ColorHelp = "Automatic follows the visitor's preference. For a site that is always light, choose Light."
	}
	for _, each := range places {
		out.Places = append(out.Places, choice{each.id, each.name, each.id == at.id})
	}
	for _, kind := range kinds {
		out.Kinds = append(out.Kinds, choice{string(kind), kindNames[kind], kind == c.kind})
	}
	if w.History && charted(c.kind, c.layout) {
		for _, chart := range snippet.Charts {
			out.Charts = append(out.Charts, choice{chart, chartNames[chart], chart == c.chart})
		}
	}
	for _, layout := range snippet.Layouts {
		out.Layouts = append(out.Layouts, choice{layout, layoutNames[layout], layout == c.layout})
	}
	for _, theme := range snippet.Themes {
		out.Themes = append(out.Themes, choice{theme, themeNames[theme], theme == c.theme})
	}
	language := locale.Language(c.locale) // a regional tag selects its language
	for _, tag := range locale.Supported() {
		out.Languages = append(out.Languages, choice{tag, locale.Name(tag), tag == language})
	}
	for _, m := range w.Metrics {
		out.Metrics = append(out.Metrics, choice{m.ID, m.Label, m.ID == c.metric})
	}
	return out
}

// addressWarning says why what people paste may not work for visitors, or "".
func (p *Pages) addressWarning() string {
	public, err := url.Parse(p.PublicURL)
	if err != nil {
		return ""
	}
	host := public.Hostname()
	if ip := net.ParseIP(host); host == "localhost" || ip != nil && ip.IsLoopback() {
		return "The address " + p.PublicURL + " works only on this computer. Before you paste, ask the operator of this service to set public_url to the address that visitors use."
	}
	if p.NoPublicURL {
		return "The configuration has no public_url, so the HTML has the address " + p.PublicURL + ". Before you paste, ask the operator of this service to set public_url to the address that visitors use."
	}
	return ""
}

// chosenPage returns the widget with an ID, or the first listed one, or nil.
func (p *Pages) chosenPage(id string) (page *publish.Page, missing bool) {
	if page, ok := p.Publisher.Page(id); ok {
		return page, false
	}
	for _, first := range p.listed {
		if page, ok := p.Publisher.Page(first); ok {
			return page, id != ""
		}
	}
	return nil, false
}

// widgetChoices returns the listed widgets, and the chosen one if it is unlisted.
func (p *Pages) widgetChoices(chosen *publish.Page) (all []choice) {
	listed := false
	for _, id := range p.listed {
		if page, ok := p.Publisher.Page(id); ok {
			all = append(all, widgetChoice(page, page == chosen))
			listed = listed || page == chosen
		}
	}
	if !listed {
		all = append(all, widgetChoice(chosen, true))
	}
	return all
}

func widgetChoice(page *publish.Page, chosen bool) choice {
	s := &page.Snapshot
	return choice{s.ID, s.Title + " (" + s.ID + ")", chosen}
}

// previewOf returns the preview of a kind with some choices.
func previewOf(c choices, kind snippet.Kind, page *publish.Page, w Offered) preview {
	o := c.options(here, page, w)
	o.Plain = true // the gallery's policy allows nothing else
	switch kind {
	case snippet.Element, snippet.Script, snippet.React:
		return preview{
			Element: true, Widget: w.ID, Metric: c.metric, Layout: c.layout, Theme: c.theme, Locale: c.locale, Chart: o.ElementChart(),
			Markup: template.HTML(o.Fallback()), //nolint:gosec // package snippet escapes
		}
	case snippet.Address: // what WordPress makes of it
		return preview{Markup: template.HTML(snippet.Frame(o, snippet.Width, o.Height()))} //nolint:gosec // package snippet escapes
	default:
		return preview{Markup: template.HTML(snippet.HTML(kind, o))} //nolint:gosec // package snippet escapes
	}
}

// samples returns all kinds with the same choices, and the outlets that aren't HTML.
func samples(c choices, page *publish.Page, w Offered) (all []sample) {
	for _, kind := range snippet.Kinds {
		if kind == snippet.React { // looks like the element
			continue
		}
		chosen := c
		chosen.kind = kind
		all = append(all, sample{
			Name: kindNames[kind], Help: kind.Help(), Preview: previewOf(c, kind, page, w), Query: template.URL(chosen.query(w.ID)), //nolint:gosec // url.Values escapes
		})
	}
	return append(all,
		sample{Name: "Text", Help: "A line for terminals, chats and screen readers.", Address: here + widgetPath(w.ID) + "/text", Preview: preview{Line: strings.TrimSpace(string(page.Text().Body))}},
	)
}
