package config

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"
)

// utf16Text returns a text as Windows PowerShell writes it into a file.
func utf16Text(text string) string {
	out := []byte{0xFF, 0xFE}
	for _, unit := range utf16.Encode([]rune(text)) {
		out = append(out, byte(unit), byte(unit>>8))
	}
	return string(out)
}

// What programs and editors add to a key is removed, with a note that repeats nothing of the key.
func TestKeysAsProgramsWriteThem(t *testing.T) {
	const key = "CANARYkey-123=="
	for _, test := range []struct {
		name, text string
		noted      bool
	}{
		{"alone", key, false},
		{"line end", key + "\r\n", false},
		{"double quotes", `"` + key + `"`, true},
		{"single quotes", "'" + key + "'\n", true},
		{"quotes of a word processor", "“" + key + "”", true},
		{"variable", "CHRONICALL_KEY=" + key, true},
		{"exported variable with quotes", `export API_KEY="` + key + `"`, true},
		{"small letters", "key = " + key, true},
		{"header", "Authorization: Bearer " + key, true},
		{"byte order mark", "\uFEFF" + key, true},
		{"UTF-16", utf16Text(key + "\r\n"), true},
	} {
		t.Run(test.name, func(t *testing.T) {
			folder := t.TempDir()
			if err := os.WriteFile(filepath.Join(folder, "key"), []byte(test.text), 0o600); err != nil {
				t.Fatal(err)
			}
			const text = "sources:\n  hq: {url: https://a.example/rest, %s}\nwidgets: {w: {metrics: {m: {metric: M}}}}\n"
			env := func(string) (string, bool) { return test.text, true }
			for _, setting := range []string{"key_file: key", "key_env: KEY"} {
				if setting == "key_env: KEY" && strings.HasPrefix(test.text, "\xff\xfe") {
					continue // no variable holds it
				}
				c, err := Parse(filepath.Join(folder, "waitboard.yaml"), fmt.Appendf(nil, text, setting), env)
				if err != nil {
					t.Fatal(err)
				}
				s := c.Sources[0]
				if s.Key.Reveal() != key {
					t.Errorf("%s: %q", setting, s.Key.Reveal())
				}
				marked := strings.Contains(test.name, "mark") && setting == "key_env: KEY" // a variable's mark is not worth a note
				if (len(s.Notes) > 0) != (test.noted && !marked) || strings.Contains(fmt.Sprint(s.Notes), "CANARY") {
					t.Errorf("%s: notes: %v", setting, s.Notes)
				}
			}
		})
	}
}

// A secret may look like an assignment, or end with equals signs.
func TestSecretsStay(t *testing.T) {
	for _, secret := range []string{"abc=def", "MYKEY==", "SECRETxyz=", `"`, "a'b'", "K0FLAEB6"} {
		if got := bareSecret(secret); got != secret {
			t.Errorf("%q became %q", secret, got)
		}
	}
}

func TestByteOrderMarks(t *testing.T) {
	folder := t.TempDir()
	writePair(t, folder, "one")
	certificate, err := os.ReadFile(filepath.Join(folder, "one.pem"))
	if err != nil {
		t.Fatal(err)
	}
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("joined.pem", "\uFEFF"+string(certificate)+"\uFEFF"+string(certificate))
	const main = "include: [clients/*.yaml]\nsources: {hq: {url: https://a.example/rest, key_env: CHRONICALL_KEY, ca_file: joined.pem}}\nwidgets: {w: {title: Tür, metrics: {m: {metric: M}}}}\n"
	if err := os.Mkdir(filepath.Join(folder, "clients"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, mark := range map[string]func(string) string{"UTF-8": func(s string) string { return "\uFEFF" + s }, "UTF-16": utf16Text} {
		t.Run(name, func(t *testing.T) {
			write("clients/a.yaml", mark("widgets: {x: {title: Tür, metrics: {m: {source: hq, metric: M}}}}\n"))
			write("waitboard.yaml", mark(main))
			c, err := Load(filepath.Join(folder, "waitboard.yaml"), testEnv)
			if err != nil {
				t.Fatal(err)
			}
			if len(c.Widgets) != 2 || c.Widgets[0].Title != "Tür" || c.Widgets[1].Title != "Tür" || c.Included[0].Problems != nil {
				t.Errorf("%+v", c)
			}
			if s := c.Sources[0]; bytes.Count(s.CA, []byte("BEGIN CERTIFICATE")) != 2 || bytes.Contains(s.CA, []byte("\uFEFF")) || len(s.Notes) != 1 {
				t.Errorf("trouble %v, notes %v, %q", s.Trouble, s.Notes, s.CA)
			}
		})
	}
}

// JSON writes characters beyond U+FFFF as pairs of escapes.
func TestConfigurationInJSON(t *testing.T) {
	const text = "{\n\t\"sources\": {\"hq\": {\"url\": \"https:\\/\\/a.example\\/rest\", \"key_env\": \"CHRONICALL_KEY\"}},\n\t\"widgets\": {\"w\": {\"title\": %s, \"metrics\": {\"m\": {\"metric\": \"M\"}}}}\n}\n"
	for title, want := range map[string]string{
		`"\ud83d\ude00"`:              "😀",
		`"a\uD83D\uDE00\ud83d\udE01"`: "a😀😁",
		`"\u00fc\\"`:                  `ü\`,
		`"\\ud83d\\ude00"`:            `\ud83d\ude00`,
		`"\\\ud83d\ude00"`:            `\😀`,
	} {
		c, err := Parse("waitboard.json", fmt.Appendf(nil, text, title), testEnv)
		if err != nil || c.Widgets[0].Title != want {
			t.Errorf("%s: %+v, %v", title, c, err)
		}
	}
	if _, err := Parse("waitboard.json", fmt.Appendf(nil, text, `"\ud83d"`), testEnv); err == nil || !strings.Contains(err.Error(), "both halves of its pair") {
		t.Errorf("half of a pair: %v", err)
	}
}

func TestSourceTLS(t *testing.T) {
	folder := t.TempDir()
	writePair(t, folder, "one")
	writePair(t, folder, "two")
	for _, test := range []struct{ name, settings, problem, trouble string }{
		{"all", "server_name: PBX.internal., client_cert_file: one.pem, client_key_file: one.key", "", ""},
		{"an address as the name", "server_name: 10.0.0.5", "", ""},
		{"a url as the name", `server_name: "https://pbx"`, "sources.hq.server_name: is not a host name", ""},
		{"no key", "client_cert_file: one.pem", "sources.hq.client_cert_file: needs client_key_file", ""},
		{"no certificate", "client_key_file: one.key", "sources.hq.client_key_file: needs client_cert_file", ""},
		{"another key", "client_cert_file: one.pem, client_key_file: two.key", "", "the key does not match the certificate"},
		{"no such file", "client_cert_file: none.pem, client_key_file: one.key", "", "client_cert_file: the file cannot be read"},
	} {
		t.Run(test.name, func(t *testing.T) {
			text := "sources:\n  hq: {url: https://a.example/rest, key_env: CHRONICALL_KEY, " + test.settings + "}\n" +
				"  other: {url: https://b.example/rest, key_env: CHRONICALL_KEY}\nwidgets: {w: {metrics: {m: {source: hq, metric: M}}}}\n"
			c, err := Parse(filepath.Join(folder, "waitboard.yaml"), []byte(text), testEnv)
			if test.problem != "" {
				if err == nil || !strings.Contains(err.Error(), test.problem) {
					t.Errorf("got %v, want %s", err, test.problem)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			s := c.Sources[0]
			if trouble := fmt.Sprint(s.Trouble); (test.trouble == "") != (s.Trouble == nil) || !strings.Contains(trouble, test.trouble) || s.Usable() != (s.Trouble == nil) {
				t.Errorf("trouble %s, usable: %v", trouble, s.Usable())
			}
			if test.name == "all" && (s.ServerName != "pbx.internal" || s.ClientCert == nil || s.ClientKey.Reveal() == "" || len(c.Files) != 2) {
				t.Errorf("%+v, files %q", s, c.Files)
			}
			if strings.Contains(fmt.Sprintf("%+v %#v", s, s), "PRIVATE KEY") {
				t.Error("the key can be printed")
			}
			same, changed := s, s
			changed.ClientKey = NewSecret("another")
			if !s.Equal(same) || s.Equal(changed) {
				t.Error("Equal does not compare the client's key")
			}
		})
	}
}
