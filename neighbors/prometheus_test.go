package neighbors

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"maps"
	"math/big"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"waitboard/internal/testengine"
	"waitboard/internal/testlevel"
	"waitboard/internal/testprogram"
	"waitboard/simulator"
)

// monitored has sources and widgets in all kinds of states.
const monitored = `
listen: 127.0.0.1:0
admin: localhost:0
admin_token_env: TOKEN
tls: {cert_file: cert.pem, key_file: key.pem}
cluster: {url_env: ENGINE}
metrics: {private: true}
include: [good.yaml, bad.yaml]
sources:
  hq: {url: "{hq}", key_env: KEY, interval: 1s}
  polled: {url: "{hq}", key_env: KEY, interval: 1s, mode: poll}
  refused: {url: "{hq}", key_env: WRONG, interval: 1s}
  broken: {url: "{broken}", key_env: BROKEN, interval: 1s}
widgets:
  support:
    metrics:
      wait: {source: hq, metric: Current Wait Time, levels: {moderate: 1s, high: 2s}}
      calls: {source: hq, metric: K0FLAEB6, combine: count, levels: {high: 1}}
      below: {source: hq, metric: K0FLAEB6, display: {below: 1000}}
      above: {source: polled, metric: K0FLAEB6, combine: count, display: {above: 1}}
      agents: {source: polled, metric: Agent on Call}
      gone: {source: polled, metric: No such metric}
  closed: {hours: {timezone: UTC, open: {2020-01-01: "08:00-09:00"}}, metrics: {calls: {source: hq, metric: K0FLAEB6}}}
  initializing: {metrics: {calls: {source: refused, metric: K0FLAEB6}}}
  stale: {stale_after: 2s, hide_after: 1h, metrics: {calls: {source: broken, metric: K0FLAEB6}}}
  unavailable: {stale_after: 2s, hide_after: 3s, metrics: {calls: {source: broken, metric: K0FLAEB6}}}
`

// A monitoring is Prometheus with the service that it scrapes.
type monitoring struct {
	t                  *testing.T
	public, admin, api string
	client             *http.Client
}

// newMonitoring starts Prometheus with deploy/prometheus, in which it changes the target, the token's file, and the intervals.
func newMonitoring(t *testing.T) *monitoring {
	t.Helper()
	prometheus := testlevel.Need(t, "prometheus", "prometheus")
	const token = "token-of-the-operators"
	m := &monitoring{t: t, client: &http.Client{Timeout: patience, Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}} //nolint:gosec // its own certificate
	t.Cleanup(m.client.CloseIdleConnections)
	m.serve(token)
	folder := folder(t)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	_ = listener.Close()
	m.api = "http://" + address + "/api/v1/"
	text := read(t, "../deploy/prometheus/prometheus.yaml")
	for old, now := range map[string]string{
		`"127.0.0.1:9090"`: `"` + strings.TrimPrefix(m.admin, "http://") + `"`, "/etc/prometheus/waitboard.token": write(t, filepath.Join(folder, "token"), token), "_interval: 15s": "_interval: 1s",
	} {
		if !strings.Contains(text, old) {
			t.Fatalf("prometheus.yaml has no %s", old)
		}
		text = strings.ReplaceAll(text, old, now)
	}
	write(t, filepath.Join(folder, "alerts.yaml"), read(t, "../deploy/prometheus/alerts.yaml"))
	start(t, exec.Command(prometheus, "--config.file="+write(t, filepath.Join(folder, "prometheus.yaml"), text), "--storage.tsdb.path="+filepath.Join(folder, "data"), "--web.listen-address="+address))
	eventually(t, "Prometheus scrapes the service", func() bool { return m.query(`up{job="waitboard"} == 1`) > 0 })
	return m
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// serve starts the service, and lets one of its phone systems fail after its first values.
func (m *monitoring) serve(token string) {
	t := m.t
	t.Helper()
	var sims [2]*simulator.Simulator
	for i := range sims {
		sim, err := simulator.Start(simulator.Options{Seed: uint64(3 + i), InitTime: -1})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = sim.Close() })
		sims[i] = sim
	}
	folder := t.TempDir()
	certificate(t, folder)
	write(t, filepath.Join(folder, "good.yaml"), "widgets: {included: {metrics: {calls: {source: hq, metric: K0FLAEB6}}}}\n")
	write(t, filepath.Join(folder, "bad.yaml"), "widgets: {mistaken: {}}\n")
	file := write(t, filepath.Join(folder, "waitboard.yaml"), strings.NewReplacer("{hq}", sims[0].URL(), "{broken}", sims[1].URL()).Replace(monitored))
	service := testprogram.Serve(t, file, "TOKEN="+token, "WRONG=another-key", "KEY="+sims[0].Key(), "BROKEN="+sims[1].Key(), "ENGINE="+testengine.Start(t).URL())
	m.public, m.admin = service.URL, service.Admin()
	eventually(t, "the widget of the source that will fail is open", func() bool {
		got, err := get(m.client, m.public+"/v1/widgets/stale")
		return err == nil && strings.Contains(got.body, `"state":"open"`)
	})
	breakPhones(t, sims[1])
}

// certificate writes a certificate for 127.0.0.1 and its key.
func certificate(t *testing.T, folder string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "waitboard"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(90 * 24 * time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	rawKey, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(folder, "cert.pem"), string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: raw})))
	write(t, filepath.Join(folder, "key.pem"), string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: rawKey})))
}

// ask reads the data of an answer of Prometheus. It returns false while there is none.
func (m *monitoring) ask(path string, data any) bool {
	m.t.Helper()
	got, err := get(m.client, m.api+path)
	if err != nil || got.StatusCode == http.StatusServiceUnavailable {
		return false
	}
	out := struct {
		Status, Error string
		Data          any
	}{Data: data}
	if err := json.Unmarshal([]byte(got.body), &out); err != nil || out.Status != "success" {
		m.t.Fatalf("%s: %v %s", path, err, got.body)
	}
	return true
}

// query returns how many series a query returns.
func (m *monitoring) query(expr string) int {
	m.t.Helper()
	var data struct {
		Result []struct{ Value [2]any }
	}
	m.ask("query?query="+url.QueryEscape(expr), &data)
	return len(slices.DeleteFunc(data.Result, func(r struct{ Value [2]any }) bool { return r.Value[1] == "NaN" }))
}

// series returns the labels of all series of a selector.
func (m *monitoring) series(selector string) (all []map[string]string) {
	m.t.Helper()
	m.ask("series?match[]="+url.QueryEscape(selector), &all)
	return all
}

// visit makes the requests of some visitors.
func (m *monitoring) visit() {
	m.t.Helper()
	for _, path := range []string{"/v1/widgets/support", "/v1/widgets?id=support,closed", "/embed/stale", "/v1/widgets/nosuch"} {
		if _, err := get(m.client, m.public+path); err != nil {
			m.t.Fatal(err)
		}
	}
}

// A dashboard is what the test needs of a Grafana dashboard.
type dashboard struct {
	SchemaVersion int
	UID           string
	Templating    struct {
		List []struct {
			Name, Type string
			Query      any
		}
	}
	Panels []struct {
		ID          int
		Type, Title string
		Description string
		GridPos     struct{ X, Y, W, H int }
		Datasource  struct{ Type, UID string }
		Targets     []struct {
			Expr, RefID string
			Datasource  struct{ Type, UID string }
		}
	}
}

// A real Prometheus scrapes the service with the example configuration. Each query of the dashboard returns data, and the rules of the alerts work.
func TestPrometheus(t *testing.T) {
	testlevel.Full(t)
	m := newMonitoring(t)
	if got, err := get(m.client, m.admin+"/metrics"); err != nil || got.StatusCode != http.StatusUnauthorized {
		t.Errorf("/metrics without the token: %v %v", got.StatusCode, err)
	}
	stream, err := m.client.Get(m.public + "/v1/widgets/support/events")
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Body.Close()
	_, _ = get(m.client, strings.Replace(m.public, "https", "http", 1)+"/") // a broken connection

	left := queries(t)
	defer func() {
		if t.Failed() && len(left) > 0 {
			t.Logf("without data: %q", left)
		}
	}()
	eventually(t, "every query returns data", func() bool {
		m.visit()
		maps.DeleteFunc(left, func(_, expr string) bool { return m.query(expr) > 0 })
		return len(left) == 0
	})
	for state, widget := range map[string]string{"open": "support", "closed": "closed", "initializing": "initializing", "unavailable": "unavailable"} {
		if m.query(fmt.Sprintf("waitboard_widget_state{widget=%q,state=%q} == 1", widget, state)) != 1 {
			t.Errorf("widget %s is not %s", widget, state)
		}
	}
	for _, expr := range []string{`waitboard_widget_value{bound="",widget="support",metric="calls"}`, `waitboard_widget_value{bound="max",metric="below"} == 1000`, `waitboard_widget_value{bound="min",metric="above"} == 1`, `waitboard_private_value{metric="below"} >= 0`, "waitboard_widget_stale == 1"} {
		if m.query(expr) != 1 {
			t.Errorf("%s returns %d series", expr, m.query(expr))
		}
	}
	m.checkLabels()
	m.checkAlerts()
}

// variables stand for those of the dashboard when all is chosen.
var variables = strings.NewReplacer("$job", ".*", "$widget", ".*", "$metric", ".*", "$source", ".*", "$__rate_interval", "10s")

var labelValues = regexp.MustCompile(`^label_values\((.*), ([a-z]+)\)$`)

// queries returns all queries of the dashboard by their places, with those of its variables. It checks what Grafana needs to show the dashboard.
func queries(t *testing.T) map[string]string {
	t.Helper()
	var d dashboard
	if err := json.Unmarshal([]byte(read(t, "../deploy/grafana/waitboard.json")), &d); err != nil {
		t.Fatal(err)
	}
	if d.SchemaVersion < 38 || d.UID == "" {
		t.Errorf("schema %d, uid %q", d.SchemaVersion, d.UID)
	}
	out, ids, taken := map[string]string{}, map[int]bool{}, map[[2]int]string{}
	for _, v := range d.Templating.List {
		if v.Type == "datasource" {
			continue
		}
		found := labelValues.FindStringSubmatch(fmt.Sprint(v.Query.(map[string]any)["query"]))
		if found == nil {
			t.Errorf("variable %s: %v", v.Name, v.Query)
			continue
		}
		out["variable "+v.Name] = variables.Replace(fmt.Sprintf("count by (%s) (%s)", found[2], found[1]))
	}
	for _, p := range d.Panels {
		if ids[p.ID] || p.Title == "" || p.Type != "row" && (p.Datasource.UID != "${datasource}" || p.Description == "" || len(p.Targets) == 0) {
			t.Errorf("panel %d: %+v", p.ID, p)
		}
		ids[p.ID] = true
		for x := p.GridPos.X; x < p.GridPos.X+p.GridPos.W; x++ {
			for y := p.GridPos.Y; y < p.GridPos.Y+p.GridPos.H; y++ {
				if other := taken[[2]int{x, y}]; other != "" || x >= 24 {
					t.Fatalf("panel %s overlaps %s at %d, %d", p.Title, other, x, y)
				}
				taken[[2]int{x, y}] = p.Title
			}
		}
		for _, target := range p.Targets {
			place, expr := p.Title+" "+target.RefID, variables.Replace(target.Expr)
			if out[place] != "" || target.Datasource != p.Datasource || strings.Contains(expr, "$") {
				t.Errorf("%s: %+v", place, target)
			}
			out[place] = expr
		}
	}
	if len(out) < 30 {
		t.Errorf("%d queries", len(out))
	}
	return out
}

var documentedLabels = regexp.MustCompile("`(waitboard_[a-z0-9_]+)(?:\\{([a-z_,]+)\\})?`")

// checkLabels compares the labels of all series with those in the tables of the documentation.
func (m *monitoring) checkLabels() {
	m.t.Helper()
	documented := map[string]string{"waitboard_widget_value": "bound,metric,widget"} // which the text explains
	files, _ := filepath.Glob("../docs/*.md")
	for _, file := range files {
		for line := range strings.Lines(read(m.t, file)) {
			first, _, _ := strings.Cut(line, " | ")
			for _, found := range documentedLabels.FindAllStringSubmatch(first, -1) {
				if labels := strings.Split(found[2], ","); strings.HasPrefix(line, "| `waitboard_") && documented[found[1]] == "" {
					slices.Sort(labels)
					documented[found[1]] = strings.Join(labels, ",")
				}
			}
		}
	}
	exported := map[string]map[string]bool{}
	for _, series := range m.series(`{__name__=~"waitboard_.+"}`) {
		name := series["__name__"]
		for _, suffix := range []string{"_bucket", "_sum", "_count"} {
			name = strings.TrimSuffix(name, suffix)
		}
		if exported[name] == nil {
			exported[name] = map[string]bool{}
		}
		for label := range series {
			if label != "__name__" && label != "job" && label != "instance" && label != "le" {
				exported[name][label] = true
			}
		}
	}
	if len(exported) < 40 {
		m.t.Errorf("only %d metrics", len(exported))
	}
	for name, labels := range exported {
		if got := strings.Join(slices.Sorted(maps.Keys(labels)), ","); got != documented[name] {
			m.t.Errorf("%s{%s} is documented with %q", name, got, documented[name])
		}
	}
}

// checkAlerts checks that Prometheus evaluates the rules, and that those that fit the service wait for their time, or fire.
func (m *monitoring) checkAlerts() {
	m.t.Helper()
	var rules struct {
		Groups []struct {
			Rules []struct{ Name, Health, LastError string }
		}
	}
	eventually(m.t, "all rules are evaluated", func() bool {
		return m.ask("rules", &rules) && len(rules.Groups) == 1 && !strings.Contains(fmt.Sprint(rules), "unknown")
	})
	for _, rule := range rules.Groups[0].Rules {
		if rule.Health != "ok" {
			m.t.Errorf("%s: %s", rule.Name, rule.LastError)
		}
	}
	want := []string{"WaitboardConfigurationFileRejected", "WaitboardMetricMissing", "WaitboardSourceKeyRejected", "WaitboardSourceStale", "WaitboardWaitHigh"}
	eventually(m.t, fmt.Sprintf("alerts are %q", want), func() bool {
		seen := map[string]bool{}
		for _, series := range m.series(`ALERTS`) {
			seen[series["alertname"]] = true
		}
		return slices.Equal(slices.Sorted(maps.Keys(seen)), want)
	})
}
