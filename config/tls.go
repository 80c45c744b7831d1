package config

import (
	"crypto/tls"
	"slices"
	"strconv"
	"strings"
)

// TLS is how the public service is encrypted: not at all, with a certificate, or with certificates that it gets by itself.
type TLS struct {
	Certificate []byte   // PEM: the certificate, and those that lead to its authority; nil without cert_file
	Key         Secret   // PEM, of the certificate
	Auto        []string // host names in lower case, to get certificates for; nil without auto
	Email       string   // where the authority writes to; "" for nowhere
	Directory   string   // the authority's ACME directory, an https URL
	DirectoryCA []byte   // PEM: certificates to trust besides the system's when asking there; nil for none
}

// On tells whether there is any.
func (t TLS) On() bool { return t.Certificate != nil || t.Auto != nil }

// Equal tells whether both mean the same, keys included.
func (t TLS) Equal(other TLS) bool {
	return slices.Equal(t.Certificate, other.Certificate) && t.Key.Equal(other.Key) && slices.Equal(t.Auto, other.Auto) &&
		t.Email == other.Email && t.Directory == other.Directory && slices.Equal(t.DirectoryCA, other.DirectoryCA)
}

// tls checks how the public service is encrypted.
func (c *checker) tls(path string, in *FileTLS, dataDir string) (out TLS) {
	if in == nil {
		return out
	}
	certPath, keyPath, autoPath := path+".cert_file", path+".key_file", path+".auto"
	switch {
	case !c.ok(path) || !c.ok(certPath) || !c.ok(keyPath) || !c.ok(autoPath):
		// reported already
	case in.CertFile != "" && len(in.Auto) > 0:
		c.add(autoPath, "stands beside cert_file", "a service has either a certificate of its own or gets one by itself; remove one of the two")
	case in.CertFile != "" && in.KeyFile == "":
		c.add(certPath, "stands without key_file", "a certificate is of no use without its key")
	case in.CertFile == "" && in.KeyFile != "":
		c.add(keyPath, "stands without cert_file", "a key is of no use without its certificate")
	case in.CertFile != "":
		for _, key := range []string{".email", ".directory", ".directory_ca_file"} {
			if _, there := c.places[path+key]; there {
				c.add(path+key, "stands beside cert_file", "it is for certificates that the service gets by itself; remove it")
			}
		}
		out.Certificate, out.Key = c.keyPair(certPath, keyPath, in)
	case len(in.Auto) > 0:
		out = c.automatic(path, in, dataDir)
	default:
		c.add(path, "says neither where a certificate is nor which one to get", "give cert_file and key_file, or auto: [wait.example.com]")
	}
	return out
}

// keyPair reads a certificate and its key. Neither's text becomes part of a problem.
func (c *checker) keyPair(certPath, keyPath string, in *FileTLS) (certificate []byte, key Secret) {
	certificate = c.certificates(certPath, in.CertFile)
	raw, ok := c.file(keyPath, in.KeyFile, 1<<20)
	if !ok || certificate == nil {
		return certificate, key
	}
	if _, err := tls.X509KeyPair(certificate, raw); err != nil {
		// The error names types and blocks, and never what is in them, but it is in the words of programmers.
		message, hint := "the file holds no usable private key", "it must be PEM text without a password, with a line such as -----BEGIN PRIVATE KEY-----"
		if strings.Contains(err.Error(), "does not match") {
			message, hint = "the key is not that of the certificate", "the certificate itself must be the first in cert_file, before those of its authority"
		}
		c.add(keyPath, message, hint)
	}
	return certificate, NewSecret(string(raw))
}

// automatic checks what it takes to get certificates.
func (c *checker) automatic(path string, in *FileTLS, dataDir string) TLS {
	out := TLS{Email: in.Email, Directory: in.Directory}
	if !strings.HasPrefix(in.Directory, "https://") {
		c.add(path+".directory", "must start with https://", "for example "+letsEncrypt)
	} else {
		out.Directory = c.baseURL(path+".directory", in.Directory, letsEncrypt)
	}
	if in.DirectoryCAFile != "" {
		out.DirectoryCA = c.certificates(path+".directory_ca_file", in.DirectoryCAFile)
	}
	if in.Email != "" && (strings.Count(in.Email, "@") != 1 || strings.ContainsAny(in.Email, " ,<>:")) {
		c.add(path+".email", "is not an e-mail address", "for example ops@example.com")
	}
	if dataDir == "" {
		c.add(path+".auto", "needs a data_dir to keep certificates in", "authorities turn down those who ask for the same ones again and again")
	}
	for i, name := range in.Auto {
		itemPath := path + ".auto[" + strconv.Itoa(i) + "]"
		if _, isList := c.places[itemPath]; !isList {
			itemPath = path + ".auto"
		}
		name = strings.ToLower(strings.TrimSuffix(name, "."))
		if len(name) > 253 || !hostPattern.MatchString(name) || !strings.Contains(name, ".") || strings.Trim(name, "0123456789.") == "" {
			c.add(itemPath, "is not a public host name", "for example wait.example.com, without https:// and without a port; one name for each certificate")
			continue
		}
		out.Auto = append(out.Auto, name)
	}
	c.noRepeats(path+".auto", out.Auto)
	return out
}

const letsEncrypt = "https://acme-v02.api.letsencrypt.org/directory"
