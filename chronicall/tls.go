package chronicall

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"net/url"

	"waitboard/domain"
	"waitboard/internal/transport"
)

// tlsConfig returns how to connect to the source by TLS. demanded is called when the source demands a client certificate.
func tlsConfig(o Options, demanded func()) (*tls.Config, error) {
	roots, err := transport.Roots(o.CA)
	if err != nil {
		return nil, err
	}
	own := &tls.Certificate{}
	if o.ClientCert != nil {
		pair, err := tls.X509KeyPair(o.ClientCert, []byte(o.ClientKey.Reveal()))
		if err != nil {
			return nil, errors.New("the client certificate and its key can't be used") // the cause may repeat parts of them
		}
		own = &pair
	}
	config := &tls.Config{
		RootCAs: roots, ServerName: o.ServerName, MinVersion: tls.VersionTLS12,
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
			demanded()
			return own, nil
		},
	}
	if pinned := withoutNames(o.CA); len(pinned) > 0 {
		config.InsecureSkipVerify = true //nolint:gosec // verify replaces it
		config.VerifyConnection = func(s tls.ConnectionState) error { return verify(s, roots, pinned, o.URL) }
	}
	return config, nil
}

// withoutNames returns the certificates of a PEM text that are for no host name, as those of old servers with a Common Name
// only.
func withoutNames(text []byte) (all []*x509.Certificate) {
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		if c, err := x509.ParseCertificate(block.Bytes); err == nil && hasNoName(c) {
			all = append(all, c)
		}
	}
	return all
}

func hasNoName(c *x509.Certificate) bool { return len(c.DNSNames)+len(c.IPAddresses) == 0 }

// verify does what package tls does by default, with one exception: a server's certificate that is pinned, and so has no name,
// is not compared with the host name. That package leaves IP addresses out of ServerName, so the host comes from the address.
func verify(s tls.ConnectionState, roots *x509.CertPool, pinned []*x509.Certificate, address string) error {
	options := x509.VerifyOptions{Roots: roots, DNSName: s.ServerName, Intermediates: x509.NewCertPool()}
	if u, err := url.Parse(address); err == nil {
		options.DNSName = cmp.Or(options.DNSName, u.Hostname())
	}
	for _, c := range pinned {
		if c.Equal(s.PeerCertificates[0]) {
			options.DNSName = ""
		}
	}
	for _, c := range s.PeerCertificates[1:] {
		options.Intermediates.AddCert(c)
	}
	_, err := s.PeerCertificates[0].Verify(options)
	return err
}

// transportFailure returns why no answer came, and which setting may help.
func (c *Client) transportFailure(err error) *domain.Failure {
	failure := transport.Failure(err)
	var hostname x509.HostnameError
	switch {
	case errors.As(err, new(x509.UnknownAuthorityError)):
		failure.Detail += "; set ca_file to that authority's certificate"
	case errors.As(err, &hostname) && hasNoName(hostname.Certificate):
		failure.Detail += "; set ca_file to the server's own certificate, or issue one with that extension"
	case errors.As(err, &hostname):
		failure.Detail += "; set server_name to a name in the certificate"
	case transport.Alert(err) != "" && c.certificateDemanded.Load():
		failure.Detail = c.clientCertificate()
	case failure.Cause == domain.Unreachable && c.certificateDemanded.Load() && !c.hasCertificate: // the alert may be lost
		failure.Detail += "; " + c.clientCertificate()
	}
	return failure
}

// clientCertificate explains a failure of a source that demands a client certificate.
func (c *Client) clientCertificate() string {
	if c.hasCertificate {
		return "it demands a client certificate, and may reject the one in client_cert_file"
	}
	return "it demands a client certificate; set client_cert_file and client_key_file"
}
