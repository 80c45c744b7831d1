package admin

import (
	"log/slog"
	"net"
	"net/http"
	"strings"

	"waitboard/handlers/respond"
)

var (
	errHost      = respond.NewProblem(http.StatusForbidden, "host_refused", "Use an IP address or localhost as the host.")
	errCrossSite = respond.NewProblem(http.StatusForbidden, "cross_site", "Requests from pages of other sites are forbidden.")
	errToken     = respond.NewProblem(http.StatusUnauthorized, "unauthorized", "Send the token as Authorization: Bearer TOKEN, or as the password of any user.")
)

// adminPolicy limits the operators' pages to what this listener serves. It forbids frames, and scripts and styles in the pages.
const adminPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// guard lets only operators through. It protects everything on the admin listener.
func (a *admin) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h["X-Content-Type-Options"] = respond.NoSniff
		h["Cache-Control"] = respond.NoStore
		h.Set("Content-Security-Policy", adminPolicy)
		h.Set("Cross-Origin-Resource-Policy", "same-origin") // other sites can't embed anything
		h.Set("Cross-Origin-Opener-Policy", "same-origin")   // or control a window that they opened
		h.Set("Referrer-Policy", "same-origin")              // no-referrer makes browsers send the origin null with the form
		switch {
		case a.Loopback && a.Authorized == nil && rebound(r): // with a token, a browser has none for the foreign host
			errHost.Send(w, r)
		case fromAnotherSite(r):
			errCrossSite.Send(w, r)
		case !a.authorized(r):
			h["Www-Authenticate"] = []string{`Bearer realm="waitboard"`, `Basic realm="waitboard", charset="UTF-8"`}
			errToken.Send(w, r)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// rebound reports whether a request to a loopback address names a foreign host, as in a DNS rebinding attack.
func rebound(r *http.Request) bool {
	host := r.Host
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return host != "localhost" && net.ParseIP(strings.Trim(host, "[]")) == nil
}

var crossOriginProtection = http.NewCrossOriginProtection()

// fromAnotherSite reports whether a page of another origin makes a request. It applies the checks of the standard library
// for unsafe methods to all methods, because reading a profile is expensive. Following a link is allowed.
func fromAnotherSite(r *http.Request) bool {
	followed := r.Method == http.MethodGet && r.Header.Get("Sec-Fetch-Mode") == "navigate" &&
		r.Header.Get("Sec-Fetch-Dest") == "document" && r.Header.Get("Origin") == ""
	unsafe := &http.Request{Method: http.MethodPost, URL: r.URL, Host: r.Host, Header: r.Header}
	return !followed && crossOriginProtection.Check(unsafe) != nil
}

// authorized reports whether a request has the token, if one is needed. Programs send it as a bearer token (RFC 6750),
// browsers as the password of any user (RFC 7617).
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
	if sent { // browsers send none at first
		a.wrongTokens.Inc()
		a.floods.Add(slog.LevelWarn, "wrong token", slog.String("from", r.RemoteAddr))
	}
	return false
}
