// Package doctor looks at a customer's page from outside, as a browser would, and says what keeps a widget from being seen
// there. It is for operators, who run it by hand.
package doctor

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// Options say what to look at. Page is required.
type Options struct {
	Page    string // the customer's page, http or https
	Widget  string // the ID of the one widget that matters; empty: all that are on the page
	Service string // where the public reaches the service; empty: wherever the page's snippets say
}

// A Verdict says how much a finding matters.
type Verdict string

// The verdicts.
const (
	Fine  Verdict = "ok"
	Note  Verdict = "note"  // worth knowing, and stops nothing
	Stops Verdict = "stops" // it keeps a widget from being seen
)

// A Finding is one thing that was found, and what to do about it if it is not fine. What came from the page may be in it.
type Finding struct {
	Verdict Verdict
	Text    string
	Do      string
}

// A Report is all that was found.
type Report struct {
	Page     string // where the page is, after redirects
	Findings []Finding
}

// Fine tells whether nothing stops the widgets of the page.
func (r *Report) Fine() bool {
	for _, f := range r.Findings {
		if f.Verdict == Stops {
			return false
		}
	}
	return true
}

func (r *Report) add(v Verdict, do, format string, values ...any) {
	r.Findings = append(r.Findings, Finding{v, fmt.Sprintf(format, values...), do})
}

// ErrAddress says that what was given is not the address of a page, or of a service.
var ErrAddress = errors.New("needs an address that begins with http:// or https://")

// Examine fetches the page and what it embeds. An error means that there is no page to look at; [ErrAddress], that none was named, or no
// service where one was to be.
func Examine(ctx context.Context, o Options) (*Report, error) {
	address := parseHTTP(o.Page)
	if address == nil {
		return nil, fmt.Errorf("the page %w", ErrAddress)
	}
	if o.Service != "" {
		if o.Service = baseOf(o.Service); o.Service == "" {
			return nil, fmt.Errorf("the service %w, such as https://wait.example.com", ErrAddress)
		}
	}
	v := &visit{fetcher: newFetcher(), asked: map[string]answer{}, report: &Report{}}
	defer v.fetcher.close()
	got := v.fetcher.get(ctx, address.String(), nil)
	switch {
	case got.err != nil:
		return nil, fmt.Errorf("the page can't be fetched: %w", got.err)
	case got.status != 200:
		return nil, fmt.Errorf("the page answers with status %d", got.status)
	case !strings.HasPrefix(got.header.Get("Content-Type"), "text/html") && !strings.HasPrefix(got.header.Get("Content-Type"), "application/xhtml+xml"):
		return nil, fmt.Errorf("that is no HTML page: its type is %q", got.header.Get("Content-Type"))
	}
	v.page, v.report.Page = got, got.url.String()
	if got.cut {
		v.report.add(Note, "put the snippet further up", "the page is larger than %d MB, and only so much of it was read", maxBody>>20)
	}
	var err error
	if v.found, err = read(got.body, got.url); err != nil {
		return nil, fmt.Errorf("the page can't be read: %w", err)
	}
	v.choose(ctx, o)
	v.examine(ctx)
	return v.report, nil
}

// A visit is one look at a page.
type visit struct {
	fetcher *fetcher
	page    answer
	found   *contents
	asked   map[string]answer // of the service, by address
	report  *Report
}

// choose leaves the embeds that matter.
func (v *visit) choose(ctx context.Context, o Options) {
	service := o.Service
	var kept []embed
	elsewhere, others := "", []string{}
	for _, e := range v.found.embeds {
		switch {
		case service != "" && e.base != "" && e.base != service:
			elsewhere = e.base
		case o.Widget != "" && e.widget != "" && e.widget != o.Widget:
			others = append(others, e.widget)
		default:
			kept = append(kept, e)
		}
	}
	v.found.embeds = kept
	named := func(e embed) bool { return e.widget == o.Widget }
	switch {
	case elsewhere != "" && len(kept) == 0:
		if _, ok := v.listed(ctx, service); !ok {
			v.report.add(Note, "name the address that public_url has, or leave it out", "no waitboard answers at %s", service)
		}
		v.report.add(Stops, "print the snippet anew with waitboard snippet, or check --service", "the page embeds widgets of %s, not of %s", elsewhere, service)
	case o.Widget != "" && len(others) > 0 && !containsEmbed(kept, named):
		v.report.add(Stops, "paste the snippet of "+o.Widget, "the page embeds %s, and not %s", strings.Join(others, ", "), o.Widget)
	case len(kept) > 0:
	case v.found.asText:
		v.report.add(Stops, "paste it where the editor takes HTML, often called custom HTML, embed or code", "the snippet is there as text: visitors read it as it was pasted")
	default:
		v.report.add(Stops, "paste what waitboard snippet prints; if a tag manager or script puts it in, that can't be seen from here", "there is no snippet on the page")
	}
}

func containsEmbed(all []embed, is func(embed) bool) bool {
	for _, e := range all {
		if is(e) {
			return true
		}
	}
	return false
}
