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

	"waitboard/config"
	"waitboard/internal/transport"
)

// automaticKeyring gets certificates by the challenge that needs no port but the service's own
// (RFC 8737), and renews them by itself.
func automaticKeyring(c *config.Config, log *slog.Logger) (*keyring, error) {
	roots, err := transport.Roots(c.TLS.DirectoryCA)
	if err != nil {
		return nil, err
	}
	connections := http.DefaultTransport.(*http.Transport).Clone()
	connections.TLSClientConfig = &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
	m := &autocert.Manager{
		Prompt: autocert.AcceptTOS, Cache: autocert.DirCache(filepath.Join(c.DataDir, "certificates")),
		HostPolicy: autocert.HostWhitelist(c.TLS.Auto...), Email: c.TLS.Email,
		Client: &acme.Client{
			DirectoryURL: c.TLS.Directory, UserAgent: "waitboard",
			HTTPClient: &http.Client{Transport: &finalizing{RoundTripper: connections}, Timeout: time.Minute},
		},
	}
	out := &keyring{tls: m.TLSConfig(), names: c.TLS.Auto, got: map[string]time.Time{}}
	out.tls.MinVersion = tls.VersionTLS12
	get, failures := out.tls.GetCertificate, &seldom{every: time.Minute}
	out.tls.GetCertificate = func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
		certificate, err := get(hello)
		name := strings.ToLower(hello.ServerName)
		switch {
		case !slices.Contains(c.TLS.Auto, name):
			// Whoever asks for a name that is not ours, or for none, is none of our business.
		case err != nil && failures.due(time.Now()):
			log.Error("no certificate can be got; see that port 443 of the name leads here, and that this machine reaches the authority",
				"name", name, "error", err)
		case err != nil || slices.Contains(hello.SupportedProtos, acme.ALPNProto): // with which the authority asks for another
		case time.Now().After(certificate.Leaf.NotAfter) && failures.due(time.Now()):
			log.Error("THE CERTIFICATE HAS EXPIRED; browsers refuse to talk to this service. See that port 443 of the name leads here, and that this machine reaches the authority",
				"name", name, "expired", certificate.Leaf.NotAfter.UTC().Format(time.RFC3339))
		case certificate.Leaf.PublicKeyAlgorithm == x509.ECDSA: // and not one for those who can't read these
			out.note(log, name, certificate.Leaf)
		}
		return certificate, err
	}
	return out, nil
}

// note tells the log of each new certificate.
func (k *keyring) note(log *slog.Logger, name string, certificate *x509.Certificate) {
	if k.remember(name, certificate.NotBefore) {
		log.Info("there is a certificate", "name", name, "expires", certificate.NotAfter.UTC().Format(time.RFC3339))
	}
}

// remember tells whether a certificate that is valid from then on is a new one. Of several handshakes that get it at once, one is told so.
func (k *keyring) remember(name string, begins time.Time) (isNew bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if known, found := k.got[name]; found && !begins.After(known) {
		return false
	}
	k.got[name] = begins
	return true
}

// seen are the names for which there is a certificate.
func (k *keyring) seen() []string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return slices.Collect(maps.Keys(k.got))
}

// fetch gets the certificates that there are not yet, so that the first visitor need not wait for them. Whoever asks for one
// in the meantime waits for the same. Nobody waits for fetch itself: package autocert gives up after minutes, and cannot be told to sooner.
func (k *keyring) fetch() {
	for _, name := range k.names {
		_, _ = k.tls.GetCertificate(hello(name)) // what fails is logged there
	}
}

// hello asks as a browser of today does, so that what is got is what browsers get.
func hello(name string) *tls.ClientHelloInfo {
	return &tls.ClientHelloInfo{
		ServerName: name, SupportedVersions: []uint16{tls.VersionTLS13}, CipherSuites: []uint16{tls.TLS_AES_128_GCM_SHA256, tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256},
		SignatureSchemes: []tls.SignatureScheme{tls.ECDSAWithP256AndSHA256}, SupportedCurves: []tls.CurveID{tls.CurveP256},
	}
}

// latest is the certificates got so far. They are renewed behind our back, so each is asked for anew; package autocert keeps what it has once got, whether
// or not it is still valid, so nobody waits for the authority.
func (k *keyring) latest() (out []*x509.Certificate) {
	for _, name := range k.seen() {
		if certificate, err := k.tls.GetCertificate(hello(name)); err == nil {
			out = append(out, certificate.Leaf)
		}
	}
	return out
}

// late tells of a certificate that is not renewed in time. Package autocert begins with that 30 days before the end, or when a third of
// the certificate's time is left, and tries again about every hour; it says nothing of what fails, and goes on with one that has expired.
func late(certificate *x509.Certificate, now time.Time) bool {
	begins := min(certificate.NotAfter.Sub(certificate.NotBefore)/3, 30*24*time.Hour)
	return certificate.NotAfter.Sub(now) < begins/2
}

// seldom lets something pass once in a while.
type seldom struct {
	every time.Duration
	last  atomic.Int64
}

func (s *seldom) due(now time.Time) bool {
	last := s.last.Load()
	return now.UnixNano()-last >= int64(s.every) && s.last.CompareAndSwap(last, now.UnixNano())
}

// finalizing is a transport to a certificate authority. Package acme waits for a certificate at the address that the answer to the
// finalization of an order names in Location. Let's Encrypt does name it, RFC 8555 asks nobody to, and other authorities don't; but the
// answer to a new order names both addresses (section 7.4), so what is missing is put in here.
type finalizing struct {
	http.RoundTripper
	orders sync.Map // from where an order is finalized to where it is: strings
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
