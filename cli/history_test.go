package cli

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const historyYAML = `
admin: %s
admin_token_env: TOKEN
data_dir: .
sources: {hq: {url: "http://127.0.0.1:1", key_env: KEY}}
widgets: {support: {metrics: {wait: {metric: Current Wait Time, history: {keep: 8w}}}}}
`

// An adminServer records the last request, and answers as the admin listener does.
type adminServer struct {
	request, body, contentType string
	status                     int
	answer                     string
}

func (s *adminServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	s.request, s.body, s.contentType = r.Method+" "+r.URL.Path+" "+r.Header.Get("Authorization"), string(body), r.Header.Get("Content-Type")
	w.WriteHeader(s.status)
	_, _ = io.WriteString(w, s.answer)
}

func TestHistory(t *testing.T) {
	admin := &adminServer{}
	server := httptest.NewServer(admin)
	defer server.Close()
	dir := t.TempDir()
	t.Chdir(dir)
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	cfg := file("waitboard.yaml", fmt.Sprintf(historyYAML, strings.TrimPrefix(server.URL, "http://")))
	nobody := file("nobody.yaml", fmt.Sprintf(historyYAML, "127.0.0.1:1"))
	report := file("report.csv", "time,value\n2026-11-30T09:00:00Z,240\n2026-11-30T09:30:00Z,\n")
	rows := file("report.json", `[]`)
	env := func(name string) (string, bool) {
		value, ok := map[string]string{"KEY": "0000", "TOKEN": "0123456789abcdef"}[name]
		return value, ok
	}
	const path = "/widgets/support/metrics/wait/history Bearer 0123456789abcdef"
	for _, c := range []struct {
		name           string
		args           []string
		status         int
		answer         string
		code           int
		says           string // on either output
		request, media string
	}{
		{"export", []string{"export", "--config", cfg, "--widget", "support", "--metric", "wait"}, 200, "time,value\n", exitOK, "time,value", "GET " + path, ""},
		{"import of CSV", []string{"import", "--config", cfg, "--widget", "support", "--metric", "wait", report}, 200, `{"rows":2,"hours":1}`, exitOK, "2 rows read, 1 hours added", "POST " + path, "text/csv"},
		{"import of JSON", []string{"import", "--config", cfg, "--widget", "support", "--metric", "wait", rows}, 200, `{"rows":2,"hours":1}`, exitOK, "2 rows read", "POST " + path, "application/json"},
		{"a mistake in the file", []string{"import", "--config", cfg, "--widget", "support", "--metric", "wait", report}, 400, `{"detail":"Nothing was imported: line 2: the value must be a number."}`, exitFailed, "line 2", "POST " + path, "text/csv"},
		{"an odd answer", []string{"export", "--config", cfg, "--widget", "support", "--metric", "wait"}, 502, "<html>", exitFailed, "status 502", "GET " + path, ""},
		{"no such widget", []string{"export", "--config", cfg, "--widget", "supports", "--metric", "wait"}, 200, "", exitUsage, "did you mean support?", "", ""},
		{"no such metric", []string{"export", "--config", cfg, "--widget", "support", "--metric", "waits"}, 200, "", exitUsage, "did you mean wait?", "", ""},
		{"no such file", []string{"import", "--config", cfg, "--widget", "support", "--metric", "wait", "missing.csv"}, 200, "", exitUsage, "missing.csv", "", ""},
		{"no service", []string{"export", "--config", nobody, "--widget", "support", "--metric", "wait"}, 200, "", exitFailed, "start it, because this command talks to it", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			*admin = adminServer{status: c.status, answer: c.answer}
			var out bytes.Buffer
			code := Run(t.Context(), append([]string{"history"}, c.args...), env, &out, &out)
			if code != c.code || !strings.Contains(out.String(), c.says) {
				t.Errorf("code %d, %s", code, out.String())
			}
			if admin.request != c.request || admin.contentType != c.media {
				t.Errorf("the service got %q, %q", admin.request, admin.contentType)
			}
		})
	}
}
