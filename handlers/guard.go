package handlers

import (
	"net"
	"net/http"
	"strings"
)

var (
	errHost      = newProblem(http.StatusForbidden, "host_refused", "Ask by IP address or by localhost.")
	errCrossSite = newProblem(http.StatusForbidden, "cross_site", "Requests that another site's page makes are refused here.")
	errToken     = newProblem(http.StatusUnauthorized, "unauthorized", "This needs the token, as Authorization: Bearer TOKEN, or as the password of any user.")
)

// adminPolicy lets the operators' pages do no more than they do, and nobody frame them.
const adminPolicy = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// guard keeps out who is no operator: everything on the admin listener lies behind it.
func (a *admin) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h["X-Content-Type-Options"] = nosniff
		h["Cache-Control"] = noStore
		h.Set("Content-Security-Policy", adminPolicy)
		h.Set("Cross-Origin-Resource-Policy", "same-origin") // no page of another site can embed anything
		h.Set("Cross-Origin-Opener-Policy", "same-origin")   // or hold on to a window that it opened
		h.Set("Referrer-Policy", "same-origin")              // with none, browsers send the origin null with our own form
		switch {
		case a.Loopback && a.Authorized == nil && rebound(r): // where a token is asked for, a browser has none for that name
			errHost.write(w)
		case fromAnotherSite(r):
			errCrossSite.write(w)
		case !a.authorized(r):
			h["Www-Authenticate"] = []string{`Bearer realm="waitboard"`, `Basic realm="waitboard", charset="UTF-8"`}
			errToken.write(w)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// rebound tells whether a request was led to a loopback address by a host name of somebody else's, the way a web page can
// make a browser do (DNS rebinding).
func rebound(r *http.Request) bool {
	host := r.Host
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return host != "localhost" && net.ParseIP(strings.Trim(host, "[]")) == nil
}

var crossOriginProtection = http.NewCrossOriginProtection()

// fromAnotherSite tells whether a page of another origin makes a request. What the standard library asks of methods that change
// something is asked of all: reading a profile costs something, too. Only a link to a page may be followed.
func fromAnotherSite(r *http.Request) bool {
	followed := r.Method == http.MethodGet && r.Header.Get("Sec-Fetch-Mode") == "navigate" &&
		r.Header.Get("Sec-Fetch-Dest") == "document" && r.Header.Get("Origin") == ""
	asked := &http.Request{Method: http.MethodPost, URL: r.URL, Host: r.Host, Header: r.Header}
	return !followed && crossOriginProtection.Check(asked) != nil
}

// authorized tells whether a request has the token, if there is one to be asked for. Programs send it as a bearer token
// (RFC 6750); browsers can't, so it is also taken as a password (RFC 7617), whoever the user.
func (a *admin) authorized(r *http.Request) bool {
	if a.Authorized == nil {
		return true
	}
	_, token, sent := r.BasicAuth()
	if scheme, rest, found := strings.Cut(r.Header.Get("Authorization"), " "); found && strings.EqualFold(scheme, "Bearer") {
		token, sent = strings.TrimSpace(rest), true
	}
	if sent && a.Authorized(token) {
		return true
	}
	if sent { // who sends none may not know yet that one is needed
		a.Log.Warn("a request to the admin listener has a wrong token", "from", r.RemoteAddr)
	}
	return false
}
