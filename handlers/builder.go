package handlers

import (
	"cmp"
	"html/template"
	"net/url"
	"strings"

	"waitboard/badge"
	"waitboard/locale"
	"waitboard/publish"
	"waitboard/snippet"
)

// builder is the part of templates.Index in which a widget and its looks are chosen.
type builder struct {
	Missing                                      bool // the widget that was asked for is not there
	Lang, Dir, Theme                             string
	Widgets, Layouts, Themes, Languages, Metrics []choice
	Kinds                                        []choice
	Pin, Live, Scripted                          bool
	Help                                         string // of the kind
	Bare                                         bool   // several values would stand side by side, and nothing says what they are
	Preview                                      preview
	HTML                                         string // to paste
	Address, Shown                               string // of the same as text: from the page, and for people
	Samples                                      []sample
}

// A choice is one of a list.
type choice struct {
	Value, Name string
	Chosen      bool
}

// A preview is a widget as it will be seen. It has an element, a frame, a picture or markup; without any of them, the line
// stands for itself.
type preview struct {
	Element                       bool
	Widget, Metric, Layout, Theme string
	Locale                        string
	Markup                        template.HTML // with an element: what is in it until it runs
	Frame, Picture                string        // addresses
	Title                         string
	Width, Height                 int // pixels
	Line                          string
}

// A sample is a preview of one more kind. It can be chosen by its query, or has an address of its own.
type sample struct {
	Name, Help, Address string
	Query               template.URL
	Preview             preview
}

var kindNames = map[snippet.Kind]string{
	snippet.Element: "Element", snippet.Script: "Script", snippet.IFrame: "Iframe", snippet.Image: "Image", snippet.Link: "Link", snippet.Address: "Address",
}

var (
	layoutNames = map[string]string{"card": "Card", "line": "Line", "compact": "Compact", "bare": "Bare value"}
	themeNames  = map[string]string{"auto": "Automatic", "light": "Light", "dark": "Dark"}
)

// here is where the service is, as seen from the page. The public may reach it elsewhere.
const here = "."

// builder makes that part for the choices of a query; what is none of them is left to its default. It is nil if there is no
// widget. One that is not listed can be chosen by its ID.
func (p *public) builder(query url.Values) *builder {
	page, missing := p.chosenPage(query.Get("widget"))
	if page == nil {
		return nil
	}
	s := &page.Snapshot
	w := p.widgets[s.ID]
	c, _ := readChoices(query, w)
	c.kind = cmp.Or(c.kind, snippet.Element)
	text := widgetsPath + "/" + s.ID + "/snippet?" + c.query("")
	out := &builder{
		Missing: missing, Lang: s.Locale.Tag(), Dir: direction(s.Locale), Theme: c.theme,
		Widgets: p.widgetChoices(page), Languages: []choice{{Name: "Automatic"}}, Metrics: []choice{{Name: "All of them"}},
		Pin: c.pin, Live: c.live, Scripted: c.kind.Scripted(), Help: c.kind.Help(),
		Bare:    c.layout == "bare" && c.metric == "" && len(w.Metrics) > 1 && c.kind.Scripted(),
		Preview: previewOf(c, c.kind, page, w), HTML: snippet.HTML(c.kind, c.options(p.url, page, w)),
		Address: here + text, Shown: p.url + text,
		Samples: samples(c, page, w),
	}
	for _, kind := range snippet.Kinds {
		out.Kinds = append(out.Kinds, choice{string(kind), kindNames[kind], kind == c.kind})
	}
	for _, layout := range snippet.Layouts {
		out.Layouts = append(out.Layouts, choice{layout, layoutNames[layout], layout == c.layout})
	}
	for _, theme := range snippet.Themes {
		out.Themes = append(out.Themes, choice{theme, themeNames[theme], theme == c.theme})
	}
	spoken := locale.Language(c.locale) // a regional form counts as its language
	for _, tag := range locale.Supported() {
		out.Languages = append(out.Languages, choice{tag, locale.Name(tag), tag == spoken})
	}
	for _, m := range w.Metrics {
		out.Metrics = append(out.Metrics, choice{m.ID, m.Label, m.ID == c.metric})
	}
	return out
}

// chosenPage is the widget of that ID, or else the first that there is, or nil.
func (p *public) chosenPage(id string) (page *publish.Page, missing bool) {
	if page, ok := p.board.Page(id); ok {
		return page, false
	}
	for _, first := range p.listed {
		if page, ok := p.board.Page(first); ok {
			return page, id != ""
		}
	}
	return nil, false
}

// widgetChoices are the listed widgets, and the chosen one if it is none of them.
func (p *public) widgetChoices(chosen *publish.Page) (all []choice) {
	listed := false
	for _, id := range p.listed {
		if page, ok := p.board.Page(id); ok {
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

// previewOf is what the choices look like as a kind.
func previewOf(c choices, kind snippet.Kind, page *publish.Page, w Widget) preview {
	o := c.options(here, page, w)
	o.Plain = true // our own policy allows no other
	switch kind {
	case snippet.Element, snippet.Script:
		return preview{
			Element: true, Widget: w.ID, Metric: c.metric, Layout: c.layout, Theme: c.theme, Locale: c.locale,
			Markup: template.HTML(o.Fallback()), //nolint:gosec // package snippet escapes what it is given
		}
	case snippet.IFrame:
		return preview{Frame: o.Frame(), Title: o.Title, Height: o.Height()}
	case snippet.Address: // as WordPress makes it
		return preview{Markup: template.HTML(snippet.Frame(o, snippet.Width, o.Height()))} //nolint:gosec // package snippet escapes what it is given
	default:
		return preview{Markup: template.HTML(snippet.HTML(kind, o))} //nolint:gosec // package snippet escapes what it is given
	}
}

// samples are all kinds with the same choices, and what else there is of the widget besides HTML.
func samples(c choices, page *publish.Page, w Widget) (all []sample) {
	for _, kind := range snippet.Kinds {
		chosen := c
		chosen.kind = kind
		all = append(all, sample{
			Name: kindNames[kind], Help: kind.Help(), Preview: previewOf(c, kind, page, w), Query: template.URL(chosen.query(w.ID)), //nolint:gosec // url.Values has made it
		})
	}
	own := here + widgetsPath + "/" + w.ID
	picture := own + "/badge.png?theme=" + c.theme
	return append(all,
		sample{Name: "PNG", Help: "The same image for e-mail.", Address: picture, Preview: preview{
			Picture: picture, Title: page.Snapshot.Title, Width: badge.Width, Height: badge.Height(max(len(w.Metrics), 1)),
		}},
		sample{Name: "Text", Help: "A line for terminals, chats and screen readers.", Address: own + "/text", Preview: preview{Line: strings.TrimSpace(string(page.Text().Body))}},
	)
}
