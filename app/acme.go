package app

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/acme"
	"golang.org/x/crypto/acme/autocert"

	"waitboard/cluster"
	"waitboard/config"
	"waitboard/internal/transport"
)

// automaticKeyring returns a keyring that obtains and renews certificates automatically, by the challenge that needs no other port
// (TLS-ALPN, RFC 8737).
func automaticKeyring(c *config.Config, shared *cluster.Cluster, log *slog.Logger) (*keyring, error) {
	roots, err := transport.Roots(c.TLS.DirectoryCA)
	if err != nil {
		return nil, err
	}
	connections := http.DefaultTransport.(*http.Transport).Clone()
	connections.TLSClientConfig = &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
	var cache autocert.Cache = autocert.DirCache(filepath.Join(c.DataDir, "certificates"))
	if shared != nil {
		cache = shared.Certificates(c.Cluster.Secret.Reveal(), cache)
	}
	m := &autocert.Manager{
		Prompt: autocert.AcceptTOS, Cache: cache,
		HostPolicy: autocert.HostWhitelist(c.TLS.Auto...), Email: c.TLS.Email,
		Client: &acme.Client{
			DirectoryURL: c.TLS.Directory, UserAgent: "waitboard",
			HTTPClient: &http.Client{Transport: &finalizing{RoundTripper: connections}, Timeout: time.Minute},
		},
	}
	out := &keyring{tls: m.TLSConfig(), names: c.TLS.Auto, seen: map[string]time.Time{}}
	out.tls.MinVersion = tls.VersionTLS12
	get, failures := out.tls.GetCertificate, &seldom{every: time.Minute}
	out.tls.GetCertificate = func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
		certificate, err := get(hello)
		name := strings.ToLower(hello.ServerName)
		switch {
		case !slices.Contains(c.TLS.Auto, name):
			// A name that is not configured, or none: scanners ask for these.
		case err != nil && failures.due(time.Now()):
			log.Error("can't obtain a certificate; check that port 443 of the name leads here, and that this machine reaches the authority",
				"name", name, "error", err)
		case err != nil || slices.Contains(hello.SupportedProtos, acme.ALPNProto): // the authority validating a new order
		case time.Now().After(certificate.Leaf.NotAfter) && failures.due(time.Now()):
			log.Error("certificate expired, browsers refuse to connect; check that port 443 of the name leads here, and that this machine reaches the authority",
				"name", name, "expired", certificate.Leaf.NotAfter.UTC().Format(time.RFC3339))
		case certificate.Leaf.PublicKeyAlgorithm == x509.ECDSA: // the certificate that browsers get, not the RSA one for old clients
			out.note(log, name, certificate.Leaf)
		}
		return certificate, err
	}
	return out, nil
}

// note logs each new certificate.
func (k *keyring) note(log *slog.Logger, name string, certificate *x509.Certificate) {
	if k.remember(name, certificate.NotBefore) {
		log.Info("certificate obtained", "name", name, "expires", certificate.NotAfter.UTC().Format(time.RFC3339))
	}
}

// remember reports whether a certificate with that NotBefore is new. It does so once for each.
func (k *keyring) remember(name string, begins time.Time) (isNew bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if newest, found := k.seen[name]; found && !begins.After(newest) {
		return false
	}
	k.seen[name] = begins
	return true
}

// obtained returns the names for which there is a certificate.
func (k *keyring) obtained() []string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return slices.Collect(maps.Keys(k.seen))
}

// fetch obtains the missing certificates, so that the first visitor need not wait for them. Nobody joins its goroutine: package autocert
// gives up after minutes, and can't be canceled.
func (k *keyring) fetch() {
	for _, name := range k.names {
		_, _ = k.tls.GetCertificate(hello(name)) // what fails is logged there
	}
}

// hello returns the hello of a current browser, for the certificate that browsers get.
func hello(name string) *tls.ClientHelloInfo {
	return &tls.ClientHelloInfo{
		ServerName: name, SupportedVersions: []uint16{tls.VersionTLS13}, CipherSuites: []uint16{tls.TLS_AES_128_GCM_SHA256, tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256},
		SignatureSchemes: []tls.SignatureScheme{tls.ECDSAWithP256AndSHA256}, SupportedCurves: []tls.CurveID{tls.CurveP256},
	}
}

// latest returns the certificates obtained so far. Package autocert renews them on its own and returns what it has, even if it is expired, so
// this never waits for the authority.
func (k *keyring) latest() (out []*x509.Certificate) {
	for _, name := range k.obtained() {
		if certificate, err := k.tls.GetCertificate(hello(name)); err == nil {
			out = append(out, certificate.Leaf)
		}
	}
	return out
}

// late reports whether a certificate is not renewed in time. Package autocert starts 30 days before it expires, or when a third of its
// lifetime is left, and retries about every hour. It doesn't report failures, and keeps serving an expired certificate.
func late(certificate *x509.Certificate, now time.Time) bool {
	begins := min(certificate.NotAfter.Sub(certificate.NotBefore)/3, 30*24*time.Hour)
	return certificate.NotAfter.Sub(now) < begins/2
}

// seldom limits how often something happens.
type seldom struct {
	every time.Duration
	last  atomic.Int64
}

func (s *seldom) due(now time.Time) bool {
	last := s.last.Load()
	return now.UnixNano()-last >= int64(s.every) && s.last.CompareAndSwap(last, now.UnixNano())
}

// finalizing is a transport to a certificate authority that adds a missing Location header. Package acme polls the order at the address that
// the response to its finalization names there. Let's Encrypt sends it, but RFC 8555 does not require it, and other authorities don't. The
// response to the new order has both addresses (section 7.4).
type finalizing struct {
	http.RoundTripper
	orders sync.Map // finalize URL -> order URL
}

func (f *finalizing) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := f.RoundTripper.RoundTrip(r)
	if err != nil {
		return resp, err
	}
	at := resp.Header.Get("Location")
	if order, ok := f.orders.LoadAndDelete(r.URL.String()); ok && at == "" {
		resp.Header.Set("Location", order.(string))
	}
	if resp.StatusCode == http.StatusCreated && at != "" {
		body, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
		_ = resp.Body.Close()
		resp.Body = io.NopCloser(bytes.NewReader(body))
		var order struct{ Finalize string }
		if err == nil && json.Unmarshal(body, &order) == nil && order.Finalize != "" {
			f.orders.Store(order.Finalize, at)
		}
	}
	return resp, nil
}
