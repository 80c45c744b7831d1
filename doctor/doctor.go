// Package doctor examines a customer's page from outside, as a browser would, and reports what keeps a widget from being seen. Operators run
// it by hand.
package doctor

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// Options choose what to examine. Page is required.
type Options struct {
	Page    string // the customer's page, http or https
	Widget  string // the ID of the widget to examine; "" for all on the page
	Service string // where the public reaches the service; "" for the address in the page's snippets
}

// A Verdict is how much a finding matters.
type Verdict string

// The verdicts.
const (
	Fine  Verdict = "ok"
	Note  Verdict = "note"  // the widget is seen anyway
	Stops Verdict = "stops" // the finding keeps a widget from being seen
)

// A Finding is one result, and what to do about it unless it is fine. It may repeat text of the page.
type Finding struct {
	Verdict Verdict
	Text    string
	Do      string
}

// A Report holds all findings.
type Report struct {
	Page     string // the page's address, after redirects
	Findings []Finding
}

// Fine reports whether all widgets of the page can be seen.
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

// ErrAddress means that an option is not the address of a page or service.
var ErrAddress = errors.New("needs an address that starts with http:// or https://")

// Examine fetches the page and what it embeds. An error means that the page can't be fetched, and [ErrAddress] that an option is wrong.
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
	v := &visit{fetcher: newFetcher(), answers: map[string]answer{}, report: &Report{}}
	defer v.fetcher.close()
	got := v.fetcher.get(ctx, address.String(), nil)
	switch {
	case got.err != nil:
		return nil, fmt.Errorf("the page can't be fetched: %w", got.err)
	case got.status != 200:
		return nil, fmt.Errorf("the page returned status %d", got.status)
	case !strings.HasPrefix(got.header.Get("Content-Type"), "text/html") && !strings.HasPrefix(got.header.Get("Content-Type"), "application/xhtml+xml"):
		return nil, fmt.Errorf("this is not an HTML page: its type is %q", got.header.Get("Content-Type"))
	}
	v.page, v.report.Page = got, got.url.String()
	if got.cut {
		v.report.add(Note, "move the snippet up", "the page is larger than %d MB, and doctor read only its start", maxBody>>20)
	}
	var err error
	if v.found, err = read(got.body, got.url); err != nil {
		return nil, fmt.Errorf("the page can't be read: %w", err)
	}
	v.choose(ctx, o)
	v.examine(ctx)
	return v.report, nil
}

// A visit is one examination of a page.
type visit struct {
	fetcher *fetcher
	page    answer
	found   *contents
	answers map[string]answer // of the service, by address
	report  *Report
}

// choose selects the embeds to examine.
func (v *visit) choose(ctx context.Context, o Options) {
	service := o.Service
	var chosen []embed
	elsewhere, others := "", []string{}
	for _, e := range v.found.embeds {
		switch {
		case service != "" && e.base != "" && e.base != service:
			elsewhere = e.base
		case o.Widget != "" && e.widget != "" && e.widget != o.Widget:
			others = append(others, e.widget)
		default:
			chosen = append(chosen, e)
		}
	}
	v.found.embeds = chosen
	named := func(e embed) bool { return e.widget == o.Widget }
	switch {
	case elsewhere != "" && len(chosen) == 0:
		if _, ok := v.listed(ctx, service); !ok {
			v.report.add(Note, "use the address in public_url, or leave --service out", "waitboard is not at %s", service)
		}
		v.report.add(Stops, "print the snippet again with waitboard snippet, or check --service", "the page embeds widgets of %s, not of %s", elsewhere, service)
	case o.Widget != "" && len(others) > 0 && !containsEmbed(chosen, named):
		do := "paste the snippet of " + o.Widget
		if near := nearest(o.Widget, others); near != "" {
			do += "; or did you mean " + near + "?"
		}
		v.report.add(Stops, do, "the page embeds %s, and not %s", strings.Join(others, ", "), o.Widget)
	case len(chosen) > 0:
	case v.found.asText:
		v.report.add(Stops, "paste it where the editor accepts HTML, often called custom HTML, embed or code", "the page shows the snippet as text")
	default:
		v.report.add(Stops, "paste what waitboard snippet prints; doctor does not see what a tag manager or script adds", "the page has no snippet")
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
