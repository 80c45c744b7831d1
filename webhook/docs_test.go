package webhook

import (
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"waitboard/internal/testlevel"
)

// codeBlock returns the first block of code of a language in the documentation.
func codeBlock(t *testing.T, language string) string {
	t.Helper()
	page, err := os.ReadFile("../docs/webhooks.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(page), "```"+language+"\n")
	code, _, ended := strings.Cut(rest, "```")
	if !found || !ended {
		t.Fatalf("no block of %s", language)
	}
	return code
}

func TestDocumentedBody(t *testing.T) {
	schema, err := jsonschema.NewCompiler().Compile("../docs/webhook.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(codeBlock(t, "json")))
	if err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(value); err != nil {
		t.Error(err)
	}
}

// The documented function accepts a message, and rejects a changed or an old one.
func TestDocumentedVerification(t *testing.T) {
	testlevel.Short(t)
	node := testlevel.Need(t, "node", "nodejs")
	script := filepath.Join(t.TempDir(), "verify.mjs")
	if err := os.WriteFile(script, []byte(codeBlock(t, "js")+`
const [headers, body, secret] = JSON.parse(process.argv[2]);
console.log(verify(headers, Buffer.from(body), secret));`), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name, body, secret string
		at                 time.Time
		want               string
	}{
		{"a message", "Köln", secret, time.Now(), "true"},
		{"another body", "Bonn", secret, time.Now(), "false"},
		{"another secret", "Köln", "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", time.Now(), "false"},
		{"an old message", "Köln", secret, time.Now().Add(-time.Hour), "false"},
	} {
		t.Run(test.name, func(t *testing.T) {
			header := http.Header{}
			sign(header, secret, "msg_1", test.at, []byte("Köln"))
			lower := map[string]string{}
			for name := range header {
				lower[strings.ToLower(name)] = header.Get(name)
			}
			argument, err := json.Marshal([]any{lower, test.body, test.secret})
			if err != nil {
				t.Fatal(err)
			}
			out, err := exec.CommandContext(t.Context(), node, script, string(argument)).CombinedOutput()
			if got := strings.TrimSpace(string(out)); err != nil || got != test.want {
				t.Errorf("%v: %s, want %s", err, got, test.want)
			}
		})
	}
}
