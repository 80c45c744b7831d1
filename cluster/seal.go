package cluster

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
)

// version is the first byte of a sealed value. A value of another version is ignored, so that replicas of two releases can share an engine.
const version = 1

// keys are what a secret derives, one for each purpose. Without the secret, nobody can open a value or guess a name.
type keys struct {
	names []byte
	aead  cipher.AEAD
}

func newKeys(secret string) *keys {
	derive := func(purpose string) []byte {
		key, err := hkdf.Key(sha256.New, []byte(secret), nil, "waitboard cluster "+purpose, sha256.Size)
		if err != nil {
			panic(err) // only for lengths that no caller asks for
		}
		return key
	}
	block, err := aes.NewCipher(derive("values"))
	if err != nil {
		panic(err) // only for other sizes of keys
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		panic(err) // only for other ciphers
	}
	return &keys{names: derive("names"), aead: aead}
}

// name returns a name that the engine may hold in place of parts.
func (k *keys) name(parts ...string) string {
	mac := hmac.New(sha256.New, k.names)
	for _, part := range parts {
		_, _ = mac.Write([]byte(part)) // a hash never fails
		_, _ = mac.Write([]byte{0})
	}
	return hex.EncodeToString(mac.Sum(nil)[:16])
}

// seal encrypts a value for one place on the engine.
func (k *keys) seal(place string, value []byte) string {
	out := make([]byte, 1+k.aead.NonceSize(), 1+k.aead.NonceSize()+len(value)+k.aead.Overhead())
	out[0] = version
	_, _ = rand.Read(out[1:])                                                       // never fails
	return string(k.aead.Seal(out, out[1:], value, append([]byte(place), version))) //nolint:gosec // the nonce is random
}

// open decrypts a value of that place. ok is false if it is of another version, place or key.
func (k *keys) open(place, sealed string) (value []byte, ok bool) {
	size := 1 + k.aead.NonceSize()
	if len(sealed) < size || sealed[0] != version {
		return nil, false
	}
	value, err := k.aead.Open(nil, []byte(sealed[1:size]), []byte(sealed[size:]), append([]byte(place), version))
	return value, err == nil
}
