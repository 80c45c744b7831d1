package doctor

import (
	"net/url"
	"slices"
	"strings"
)

// A policy is one Content-Security-Policy: its sources by directive (CSP Level 3, section 2.2.1). The first directive of a name counts.
type policy map[string][]string

// parsePolicies parses a header's values. Each may hold several policies, separated by commas.
func parsePolicies(values []string) (all []policy) {
	for _, value := range values {
		for each := range strings.SplitSeq(value, ",") {
			if p := parsePolicy(each); len(p) > 0 {
				all = append(all, p)
			}
		}
	}
	return all
}

func parsePolicy(text string) policy {
	p := policy{}
	for directive := range strings.SplitSeq(text, ";") {
		words := strings.FieldsFunc(directive, func(r rune) bool { return strings.ContainsRune(" \t\n\f\r", r) })
		if len(words) == 0 {
			continue
		}
		name := strings.ToLower(words[0])
		if _, twice := p[name]; !twice {
			p[name] = words[1:]
		}
	}
	return p
}

// fallbacks lists the directives that replace a missing one (section 6.8.3), in their order.
var fallbacks = map[string][]string{
	"script-src-elem": {"script-src-elem", "script-src", "default-src"},
	"connect-src":     {"connect-src", "default-src"},
	"img-src":         {"img-src", "default-src"},
	"frame-src":       {"frame-src", "child-src", "default-src"},
}

// sources returns the sources of a directive and the name of the directive that has them. An empty name means that the policy allows
// anything.
func (p policy) sources(directive string) (from string, sources []string) {
	for _, name := range fallbacks[directive] {
		if sources, ok := p[name]; ok {
			return name, sources
		}
	}
	return "", nil
}

// A load is a script that a page loads.
type load struct {
	url              *url.URL
	nonce, integrity string // the attributes with these names
}

// allowsScript reports whether the sources of a directive let a page at self run a script. It ignores redirects, since the service has none.
func allowsScript(sources []string, script load, self *url.URL) bool {
	marked := script.nonce != "" && hasNonce(sources, script.nonce) || integrityListed(sources, script.integrity)
	if marked || has(sources, "'strict-dynamic'") { // which ignores addresses
		return marked
	}
	return allowsURL(sources, script.url, self)
}

// allowsURL reports whether the sources of a directive let a page at self load anything but a script.
func allowsURL(sources []string, target, self *url.URL) bool {
	return slices.ContainsFunc(sources, func(source string) bool { return matchesSource(source, target, self) })
}

func has(sources []string, keyword string) bool {
	return slices.ContainsFunc(sources, func(s string) bool { return strings.EqualFold(s, keyword) })
}

// hasNonce reports whether a nonce is a source. The case of a nonce counts, the case of the word nonce- does not.
func hasNonce(sources []string, nonce string) bool {
	for _, s := range sources {
		if len(s) > 8 && strings.EqualFold(s[:7], "'nonce-") && s[7:] == nonce+"'" {
			return true
		}
	}
	return false
}

// integrityListed reports whether each hash of a script's integrity attribute is a source (section 6.7.1.1). It skips hashes of unknown
// algorithms, as browsers do.
func integrityListed(sources []string, integrity string) bool {
	known := false
	for hash := range strings.FieldsSeq(integrity) {
		hash, _, _ = strings.Cut(hash, "?")
		algorithm, _, _ := strings.Cut(hash, "-")
		switch algorithm {
		case "sha256", "sha384", "sha512":
		default:
			continue
		}
		known = true
		if !hasHash(sources, hash) {
			return false
		}
	}
	return known
}

// hasHash reports whether a hash is a source. Both alphabets of base64 are equal.
func hasHash(sources []string, hash string) bool {
	plain := strings.NewReplacer("-", "+", "_", "/")
	algorithm, value, _ := strings.Cut(hash, "-")
	for _, s := range sources {
		s = strings.TrimSuffix(strings.TrimPrefix(s, "'"), "'")
		other, its, ok := strings.Cut(s, "-")
		if ok && strings.EqualFold(other, algorithm) && plain.Replace(its) == plain.Replace(value) {
			return true
		}
	}
	return false
}
