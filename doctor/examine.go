package doctor

import (
	"context"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
)

// examine checks each embed of the page, and sends the service the requests that the page would send.
func (v *visit) examine(ctx context.Context) {
	header := parsePolicies(v.page.header["Content-Security-Policy"])
	meta := parsePolicies(v.found.policies)
	tried := parsePolicies(v.page.header["Content-Security-Policy-Report-Only"])
	widgets := map[string]bool{}
	for _, e := range v.found.embeds {
		if e.base == "" && v.found.module {
			v.report.add(Note, "add api=… to the element, as the npm package needs it", "<wait-time> is on the page, but its service is unknown; a module of the page may set it")
			continue
		}
		if e.base == "" {
			v.report.add(Stops, "add <script async src=…/v1/widget.js></script>, as waitboard snippet prints it", "<wait-time> is on the page, but its script is not")
			continue
		}
		if e.kind == element && e.widget == "" {
			v.report.add(Stops, "add widget=\"ID\"", "a <wait-time> has no widget")
			continue
		}
		before := len(v.report.Findings)
		v.closed(e)
		v.placed(e)
		v.mixed(e)
		for _, p := range slices.Concat(header, meta) {
			v.policy(e, p, Stops)
		}
		for _, p := range tried {
			v.policy(e, p, Note)
		}
		v.load(ctx, e)
		if key := e.base + " " + e.widget; e.widget != "" && !widgets[key] {
			widgets[key] = true
			v.widget(ctx, e)
		}
		if len(v.report.Findings) == before || v.allFine(before) {
			v.report.add(Fine, "", "%s", e)
		}
	}
}

func (v *visit) allFine(from int) bool {
	return !slices.ContainsFunc(v.report.Findings[from:], func(f Finding) bool { return f.Verdict == Stops })
}

// String describes an embed.
func (e embed) String() string {
	switch e.kind {
	case element:
		return fmt.Sprintf("<wait-time> of %s, from %s", e.widget, e.base)
	case script:
		return "the script " + e.url.String()
	}
	return "the " + e.kind + " " + e.url.String()
}

// closed checks that an element has its end tag. Without it, what follows is inside the element, and its script moves it below the widget.
func (v *visit) closed(e embed) {
	tag := fmt.Sprintf("<wait-time widget=%q></wait-time>", e.widget)
	switch {
	case strings.HasPrefix(v.page.header.Get("Content-Type"), "application/xhtml+xml"): // where a slash closes it
	case e.open && e.holds:
		v.report.add(Stops, "close the tag: "+tag, "%s: it has no end tag, so what follows in the page is inside it", e)
	case e.open:
		v.report.add(Note, "close the tag: "+tag, "%s: it has no end tag", e)
	case e.holds:
		v.report.add(Note, "add the attribute data-fallback to what replaces the widget without scripts", "%s: its own content stays visible below the widget", e)
	}
}

// mixed checks that an https page loads nothing by http, except from the visitor's own machine.
func (v *visit) mixed(e embed) {
	service, err := url.Parse(e.base)
	if err != nil || v.page.url.Scheme != "https" || service.Scheme != "http" || isLocal(service.Hostname()) {
		return
	}
	v.report.add(Stops, "give the service a certificate, and set public_url to its https address", "%s: the page uses https and the service does not, so browsers block it", e)
}

func isLocal(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || ip != nil && ip.IsLoopback()
}

// policy checks an embed against one content security policy of the page.
func (v *visit) policy(e embed, p policy, verdict Verdict) {
	service, err := url.Parse(e.base)
	if err != nil {
		return
	}
	data := service.JoinPath("v1", "widgets")
	self := v.page.url
	blocked := func(directive string, allowed func(sources []string) bool) {
		from, sources := p.sources(directive)
		if from == "" || allowed(sources) {
			return
		}
		where := origin(service)
		do := fmt.Sprintf("add %s to %s", where, from)
		switch {
		case from == "default-src":
			do = fmt.Sprintf("add %s %s", strings.TrimSuffix(directive, "-elem"), strings.Join(append(without(sources, "'none'"), where), " "))
		case has(sources, "'strict-dynamic'") && directive == "script-src-elem":
			do = "add the page's nonce to the script tag: its policy has 'strict-dynamic', which ignores addresses"
		}
		text := "the page's content security policy blocks it"
		if verdict == Note {
			text = "a report-only content security policy would block it"
		}
		v.report.add(verdict, do, "%s: %s (%s)", e, text, from)
	}
	url := func(target *url.URL) func([]string) bool {
		return func(sources []string) bool { return allowsURL(sources, target, self) }
	}
	switch e.kind {
	case script:
		blocked("script-src-elem", func(sources []string) bool { return allowsScript(sources, e.load, self) })
		if e.widget != "" {
			blocked("connect-src", url(data))
		}
	case element:
		blocked("connect-src", url(data))
	case frame:
		blocked("frame-src", url(e.url))
	case image:
		blocked("img-src", url(e.url))
	}
	if flags, sandboxed := p["sandbox"]; sandboxed && !has(flags, "allow-scripts") && (e.kind == script || e.kind == element) {
		v.report.add(verdict, "add allow-scripts to it, or use an iframe", "%s: the page's policy has a sandbox without scripts", e)
	}
}

func without(all []string, keyword string) []string {
	return slices.DeleteFunc(slices.Clone(all), func(s string) bool { return strings.EqualFold(s, keyword) })
}

// load requests what the embed loads, and checks the answer as a browser would.
func (v *visit) load(ctx context.Context, e embed) {
	if e.url == nil {
		return
	}
	got := v.request(ctx, e.url.String())
	switch {
	case got.err != nil:
		v.report.add(Stops, "is the service running, and its name right?", "%s: can't be reached from here: %v", e, got.err)
		return
	case got.status == http.StatusNotFound && e.kind != script:
		return // widget reports it
	case got.status != http.StatusOK:
		v.report.add(Stops, "print the snippet again with waitboard snippet; a script with a hash works until the service is upgraded", "%s: the service returned status %d", e, got.status)
		return
	}
	v.isolation(e, got)
	switch e.kind {
	case script:
		if want := e.load.integrity; want != "" && !matchesIntegrity(want, got.body) {
			v.report.add(Stops, "print the snippet again, with its integrity and the script's name", "%s: its integrity attribute does not match the script", e)
		}
	case frame:
		v.ancestors(e, got)
		if e.dead {
			v.report.add(Note, "add allow-popups and allow-popups-to-escape-sandbox to sandbox; in WordPress use the block in deploy/wordpress instead of the address", "%s: links do nothing in its sandbox; without allow-same-origin their labels include the address", e)
		}
		if e.sealed {
			v.report.add(Note, "add allow-scripts to sandbox", "%s: its sandbox blocks scripts; the numbers change only when the frame reloads", e)
		}
	}
}

// isolation checks that a page with Cross-Origin-Embedder-Policy may load the answer.
func (v *visit) isolation(e embed, got answer) {
	embedder, _, _ := strings.Cut(v.page.header.Get("Cross-Origin-Embedder-Policy"), ";")
	if strings.TrimSpace(embedder) != "require-corp" || origin(got.url) == origin(v.page.url) {
		return
	}
	const do = "configure the proxy in front of the service to forward its headers"
	if e.kind == frame {
		own, _, _ := strings.Cut(got.header.Get("Cross-Origin-Embedder-Policy"), ";")
		if own = strings.TrimSpace(own); own != "require-corp" && own != "credentialless" {
			v.report.add(Stops, do, "%s: the page requires isolation (Cross-Origin-Embedder-Policy), and the frame lacks it", e)
		}
	}
	if got.header.Get("Cross-Origin-Resource-Policy") != "cross-origin" {
		v.report.add(Stops, do, "%s: the page requires isolation, and the answer lacks Cross-Origin-Resource-Policy", e)
	}
}

// ancestors checks whether the page may frame the answer. frame-ancestors overrides X-Frame-Options (CSP Level 3, section 6.4.2).
func (v *visit) ancestors(e embed, got answer) {
	policed := false
	for _, p := range parsePolicies(got.header["Content-Security-Policy"]) {
		sources, ok := p["frame-ancestors"]
		if policed = policed || ok; ok && !allowsURL(sources, siteOf(v.page.url), got.url) {
			v.report.add(Stops, "add "+origin(v.page.url)+" to the widget's origins", "%s: the widget's origins don't let pages of %s frame it", e, origin(v.page.url))
		}
	}
	if options := strings.ToUpper(strings.TrimSpace(got.header.Get("X-Frame-Options"))); !policed && options != "" &&
		(options != "SAMEORIGIN" || origin(got.url) != origin(v.page.url)) {
		v.report.add(Stops, "remove that header in the proxy; the service allows frames by the widget's origins", "%s: X-Frame-Options: %s blocks it in frames", e, options)
	}
}

// siteOf returns an address without its path, which frame-ancestors ignores.
func siteOf(u *url.URL) *url.URL { return &url.URL{Scheme: u.Scheme, Host: u.Host, Path: "/"} }

// widget requests the widget and checks whether scripts of the page may read it.
func (v *visit) widget(ctx context.Context, e embed) {
	got := v.request(ctx, e.base+"/v1/widgets/"+url.PathEscape(e.widget))
	allowed := got.header.Get("Access-Control-Allow-Origin")
	switch {
	case got.err != nil:
		v.report.add(Stops, "is the service running, and its name right?", "%s: the service can't be reached from here: %v", e, got.err)
	case got.status == http.StatusNotFound:
		do := "use the ID of an existing widget"
		names, _ := v.listed(ctx, e.base)
		if near := nearest(e.widget, names); near != "" {
			do = "did you mean " + near + "?"
		} else if len(names) > 0 {
			do += ": " + strings.Join(names[:min(len(names), mostListed)], ", ")
		}
		v.report.add(Stops, do, "%s: there is no widget %q", e, e.widget)
	case got.status != http.StatusOK:
		v.report.add(Stops, "check the service's log", "%s: the service returned status %d", e, got.status)
	case e.kind != script && e.kind != element: // a frame has its own origin, and any page may show an image
	case allowed != "*" && allowed != origin(v.page.url):
		v.report.add(Stops, "add "+origin(v.page.url)+" to the widget's origins", "%s: the widget's origins don't let scripts of %s read it", e, origin(v.page.url))
	}
}

// mostListed is how many widgets a finding lists.
const mostListed = 10

// nearest returns the one of known that an ID most likely misspells, "" if none is near.
func nearest(id string, known []string) (best string) {
	fewest := 1 + len(id)/3
	for _, candidate := range known {
		if n := levenshtein.ComputeDistance(strings.ToLower(id), candidate); n <= fewest && n < len(candidate) {
			best, fewest = candidate, n-1
		}
	}
	return best
}

// listed returns the IDs of the widgets that the service lists. ok is false if the service can't be reached.
func (v *visit) listed(ctx context.Context, base string) (names []string, ok bool) {
	var list struct{ Widgets []struct{ ID string } }
	if got := v.request(ctx, base+"/v1/widgets"); got.err != nil || json.Unmarshal(got.body, &list) != nil || list.Widgets == nil {
		return nil, false
	}
	for _, w := range list.Widgets {
		names = append(names, w.ID)
	}
	return names, true
}

// matchesIntegrity implements Subresource Integrity, section 3.3.4: one hash of the strongest algorithm must match. Without a known
// algorithm, any body matches.
func matchesIntegrity(attribute string, body []byte) bool {
	sha2, sha3, sha5 := sha256.Sum256(body), sha512.Sum384(body), sha512.Sum512(body)
	for _, algorithm := range []struct {
		name string
		sum  []byte
	}{{"sha512", sha5[:]}, {"sha384", sha3[:]}, {"sha256", sha2[:]}} {
		known := false
		for hash := range strings.FieldsSeq(attribute) {
			hash, _, _ = strings.Cut(hash, "?")
			if name, value, _ := strings.Cut(hash, "-"); name == algorithm.name {
				known = true
				if value == base64.StdEncoding.EncodeToString(algorithm.sum) {
					return true
				}
			}
		}
		if known {
			return false
		}
	}
	return true
}
