package config

import (
	"crypto/tls"
	"slices"
	"strings"
)

// TLS is how the public service is encrypted: not at all, with a certificate from files, or with certificates that it obtains automatically.
type TLS struct {
	Certificate []byte   // PEM: the certificate and its chain; nil without cert_file
	Key         Secret   // PEM, of the certificate
	Auto        []string // host names in lower case to obtain certificates for; nil without auto
	Email       string   // where the authority sends warnings; "" for nowhere
	Directory   string   // the authority's ACME directory, an https URL
	DirectoryCA []byte   // PEM: certificates to trust there in addition to the system's; nil for none
}

// On reports whether the service is encrypted.
func (t TLS) On() bool { return t.Certificate != nil || t.Auto != nil }

// Equal reports whether both mean the same, keys included.
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
	case !c.ok(path, certPath, keyPath, autoPath):
		// reported already
	case in.CertFile != "" && len(in.Auto) > 0:
		c.add(autoPath, notWith+"cert_file", "a service has a certificate from a file or obtains one; remove one of the two")
	case in.CertFile != "" && in.KeyFile == "":
		c.add(certPath, "needs key_file", "name the file with the key of the certificate")
	case in.CertFile == "" && in.KeyFile != "":
		c.add(keyPath, "needs cert_file", "name the file with the certificate of the key")
	case in.CertFile != "":
		for _, key := range []string{".email", ".directory", ".directory_ca_file"} {
			if c.has(path + key) {
				c.add(path+key, notWith+"cert_file", "it is for certificates that the service obtains with auto; remove it")
			}
		}
		out.Certificate, out.Key = c.keyPair(certPath, keyPath, in.CertFile, in.KeyFile)
	case len(in.Auto) > 0:
		out = c.automatic(path, in, dataDir)
	default:
		c.add(path, "has no certificate", "write cert_file and key_file, or auto: [wait.example.com]")
	}
	return out
}

// keyPair reads a certificate and its key. Problems never repeat the text of either.
func (c *checker) keyPair(certPath, keyPath, certFile, keyFile string) (certificate []byte, key Secret) {
	certificate = c.certificates(certPath, certFile)
	raw, ok := c.file(keyPath, keyFile, maxPEMBytes)
	if !ok || certificate == nil {
		return certificate, key
	}
	if _, err := tls.X509KeyPair(certificate, raw); err != nil {
		message, hint := "the file holds no usable private key", "it must be PEM text without a password, with a line such as -----BEGIN PRIVATE KEY-----"
		if strings.Contains(err.Error(), "does not match") {
			message, hint = "the key does not match the certificate", "the certificate must be the first in its file, before those of its authority"
		}
		c.add(keyPath, message, hint)
	}
	return certificate, NewSecret(string(raw))
}

// automatic checks what the service needs to obtain certificates.
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
		c.add(path+".auto", "needs a data_dir to store certificates", "authorities limit how often they issue the same certificate")
	}
	for i, name := range in.Auto {
		name = strings.ToLower(strings.TrimSuffix(name, "."))
		if !isHostName(name) || !strings.Contains(name, ".") || strings.Trim(name, "0123456789.") == "" {
			c.add(c.item(path+".auto", i), "is not a public host name", "for example wait.example.com, without https:// and without a port")
		}
		out.Auto = append(out.Auto, name)
	}
	c.noRepeats(path+".auto", out.Auto)
	return out
}

const letsEncrypt = "https://acme-v02.api.letsencrypt.org/directory"
