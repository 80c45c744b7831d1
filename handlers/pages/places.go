package pages

import (
	"slices"

	"waitboard/snippet"
)

// A place is a kind of site that people paste into. Each way into it has two lines of instructions.
type place struct {
	id, name string
	ways     []way // the usual one first; none: every kind that isn't for one place
}

type way struct {
	kind  snippet.Kind
	steps [2]string
}

// places lists the answers to "Where will you paste it?". The last one is the default.
var places = []place{
	{"wordpress", "WordPress", []way{
		{snippet.Address, [2]string{"Paste the address on a line of its own.", "WordPress turns it into the widget. Every author may do so."}},
		{snippet.Element, [2]string{"Add the block Custom HTML, and paste there.", "WordPress removes scripts unless the author is an administrator or editor. Other authors choose Address."}},
		{snippet.IFrame, [2]string{"Add the block Custom HTML, and paste there.", "WordPress removes iframes unless the author is an administrator or editor. Other authors choose Address."}},
		{snippet.Image, [2]string{"Add the block Custom HTML, and paste there.", "Every author may do so, on every plan."}},
	}},
	{"wix", "Wix", []way{
		{snippet.IFrame, [2]string{"Choose Add Elements, Embed Code, Embed HTML, and paste the code.", "Draw the box as large as the widget. If the widget has origins, add https://*.filesusr.com."}},
		{snippet.Element, [2]string{"Choose Add Elements, Embed Code, Embed HTML, and paste the code.", "Draw the box as large as the widget. If the widget has origins, add https://*.filesusr.com."}},
		{snippet.Link, [2]string{"Link a text or button of your page to this address.", "This works on every plan."}},
	}},
	{"squarespace", "Squarespace", []way{
		{snippet.Element, [2]string{"Edit the page, add the block Code, and paste there.", "The widget appears outside the editor. Plans without code take only Link."}},
		{snippet.IFrame, [2]string{"Edit the page, add the block Code, and paste there.", "Plans without code take only Link."}},
		{snippet.Link, [2]string{"Link a text, button or image of your page to this address.", "This works on every plan."}},
	}},
	{"shopify", "Shopify", []way{
		{snippet.Element, [2]string{"In the theme editor, add the section Custom Liquid, and paste there.", "For the text of a page or product, choose Iframe: its editor removes scripts."}},
		{snippet.IFrame, [2]string{"In the editor of the page or product, choose Show HTML, and paste.", "In the theme editor, choose Element instead."}},
	}},
	{"webflow", "Webflow", []way{
		{snippet.Element, [2]string{"Add the element Code Embed, and paste there.", "The widget appears on the published site, not on the canvas."}},
		{snippet.IFrame, [2]string{"Add the element Code Embed, and paste there.", "Choose this if your plan does not run scripts."}},
	}},
	{"gtm", "Google Tag Manager", []way{
		{snippet.Element, [2]string{"Paste the first line into the page, where the widget belongs.", "Paste the script into a tag Custom HTML with the trigger All Pages."}},
	}},
	{"react", "React", []way{
		{snippet.React, [2]string{"Paste the script into the page that loads your app, such as index.html.", "Paste the element into a component. For bundlers, web/npm of waitboard has a package with types."}},
	}},
	{"email", "E-mail", []way{
		{snippet.Email, [2]string{"Insert it as HTML into the mail or its template.", "Mail programs store images, so this one shows its date. The link leads to the live widget."}},
		{snippet.Link, [2]string{"Insert it as HTML into the mail or its template.", "It has no image that a mail program might hide."}},
	}},
	{"html", "Plain HTML", nil},
}

// placeOf returns the place with an ID, or the one that a kind is for, or the last one.
func placeOf(id string, kind snippet.Kind) place {
	i := slices.IndexFunc(places, func(p place) bool { return p.id == id || id == "" && special(kind) && p.id == string(kind) })
	if i < 0 {
		i = len(places) - 1
	}
	return places[i]
}

// special reports whether a kind is for the place of the same name.
func special(kind snippet.Kind) bool { return kind == snippet.Email || kind == snippet.React }

// kinds returns the kinds that a place takes, the usual one first.
func (p place) kinds() []snippet.Kind {
	if p.ways == nil {
		return slices.DeleteFunc(slices.Clone(snippet.Kinds), special)
	}
	var all []snippet.Kind
	for _, w := range p.ways {
		all = append(all, w.kind)
	}
	return all
}

// steps says how to paste a kind there.
func (p place) steps(kind snippet.Kind) [2]string {
	for _, w := range p.ways {
		if w.kind == kind {
			return w.steps
		}
	}
	return [2]string{"Paste it where the widget belongs.", kind.Help()}
}
