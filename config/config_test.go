package config

import (
	"errors"
	"flag"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

var update = flag.Bool("update", false, "write the golden files; read them before you commit them")

// canary is in every secret of the tests, and in no other place.
const canary = "canary"

// testEnv is the environment of the tests.
func testEnv(name string) (string, bool) {
	value, ok := map[string]string{
		"CHRONICALL_KEY": "canary-from-env",
		"EMPTY_KEY":      " \n",
		"SPACED_KEY":     "canary with spaces",
		"ADMIN_TOKEN":    "canary-admin-token",
		"SHORT_TOKEN":    "canary-15-chars",
		"ENGINE_URL":     "redis://canary:canary@engine:6379/0",
		"SPACED_TOKEN":   "canary with spaces",
		"HOOK_URL":       "https://hooks.example.com/canary",
		"HTTP_HOOK":      "http://hooks.example.com/canary",
		"PORT_0_HOOK":    "https://hooks.example.com:0/canary",
		"PORT_BIG_HOOK":  "https://hooks.example.com:65536/canary",
		"PORT_MAX_HOOK":  "https://hooks.example.com:65535/canary",
		"HOOK_SECRET":    "whsec_Y2FuYXJ5Y2FuYXJ5Y2FuYXJ5Y2FuYXJ5",
	}[name]
	return value, ok
}

// minimal returns the Config of a file with only the required keys.
func minimal() *Config {
	return &Config{
		Listen: "127.0.0.1:8080", Admin: "127.0.0.1:9090", RateLimit: defaultRateLimit(nil), Events: defaultEvents,
		Sources: []Source{{Name: "hq", URL: "https://chronicall.example.com:9080/rest", Key: NewSecret("canary-from-env"), KeyFrom: "key_env CHRONICALL_KEY",
			Mode: ModeAuto, Interval: 10 * time.Second, Timeout: 10 * time.Second}},
		Widgets: []Widget{{ID: "support", Title: "support", StaleAfter: 45 * time.Second, HideAfter: 5 * time.Minute,
			Metrics: []WidgetMetric{{ID: "wait", Source: "hq", Metric: "Current Wait Time", Combine: "max", Label: "wait", Display: exact()}}}},
	}
}

// exact is the Display of a metric that has none.
func exact() Display { return Display{Decimals: -1} }

func TestValid(t *testing.T) {
	ca, err := os.ReadFile("testdata/good.pem")
	if err != nil {
		t.Fatal(err)
	}
	envKey, fileKey := NewSecret("canary-from-env"), NewSecret("canary-from-file")
	wait := WidgetMetric{ID: "wait", Source: "hq", Metric: "Current Wait Time", Combine: "max", Label: "wait", Display: exact()}
	first := WidgetMetric{ID: "first", Source: "branch", Metric: "Current Wait Time", Combine: "max", Label: "First", Display: exact()}
	sites := []string{"https://www.example.com"}
	proxies := func(all ...string) (out []netip.Prefix) {
		for _, each := range all {
			out = append(out, netip.MustParsePrefix(each))
		}
		return out
	}
	unlimited := minimal()
	unlimited.Events = Events{Max: 500, MaxPerAddress: 20, SparePrivate: true} // what is not written is as if nothing were
	unlimited.RateLimit, unlimited.TrustedProxies = RateLimit{Per: time.Minute}, proxies("2001:db8::1/128")
	tests := map[string]*Config{
		"limit-off": unlimited,
		"minimal":   minimal(),
		"windows":   minimal(), // a byte order mark, and lines that end in CR LF
		"full": {
			Listen: ":8080", Admin: "", NoGallery: true, NoEmbeds: true, AdminToken: NewSecret("canary-admin-token"), DataDir: "testdata/state", PublicURL: "https://wait.example.com/board",
			Phrases: Phrases{
				"de": {
					"closed": {Text: "Wir sind nicht da."}, "under": {Text: "unter {duration}"},
					"minute": {Forms: map[string]string{"one": "{count} Minute", "other": "{count} Minuten"}},
				},
				"en": {"minute": {Text: "{count} m"}},
			},
			Files:          []string{"testdata/good.key", "testdata/good.pem"},
			RateLimit:      RateLimit{Requests: 10_000, Per: time.Hour},
			Events:         Events{Max: 0, MaxPerAddress: 1, MaxPerWidget: 1_000_000},
			TrustedProxies: proxies("10.0.0.0/8", "192.0.2.7/32", "2001:db8::/32", "198.51.100.0/24", "203.0.113.9/32"),
			Sources: []Source{
				{Name: "second", URL: "http://10.0.0.5:9080", Key: fileKey, KeyFrom: "key_file good.key", Mode: ModePoll, Interval: time.Minute, Timeout: time.Minute, CA: ca},
				{Name: "first", URL: "https://tenant.xima.cloud/rest", Key: envKey, KeyFrom: "key_env CHRONICALL_KEY", Mode: ModeAuto, Interval: 10 * time.Second, Timeout: 10 * time.Second},
			},
			Widgets: []Widget{
				{ID: "support", Title: "Kundendienst – Zürich", Locale: "de-AT", Notice: "Anrufe können aufgezeichnet werden – „zur Übung“.", StaleAfter: 90 * time.Second, HideAfter: 2 * time.Hour,
					Origins: []string{"https://www.example.com", "http://*.example.com:8080", "https://[2001:db8::1]"},
					Metrics: []WidgetMetric{
						{ID: "waiting", Source: "first", Metric: "101", Categories: []string{"Support", "Sales & Service"}, Combine: "sum", Label: "Calls in queue", Display: exact()},
						{ID: "wait", Source: "second", Metric: "Current Wait Time", Categories: []string{"Support"}, Combine: "max", Label: "wait", Display: exact()},
					}},
				{ID: "2", Title: "2", Locale: "pt", Unlisted: true, StaleAfter: 3 * time.Minute, HideAfter: 9 * time.Minute,
					Metrics: []WidgetMetric{{ID: "a", Source: "second", Metric: "X", Combine: "max", Label: "a", Display: exact()}}},
			},
		},
		"operators": {
			RateLimit: defaultRateLimit(nil), Events: defaultEvents, Listen: "127.0.0.1:8080", Admin: "0.0.0.0:9090", AdminToken: NewSecret("canary-admin-token"), DataDir: "testdata", Private: true,
			Sources: minimal().Sources, Widgets: minimal().Widgets,
		},
		"aliases": {
			Listen: "127.0.0.1:8080", Admin: "127.0.0.1:9090", RateLimit: defaultRateLimit(nil), Events: defaultEvents,
			Sources: []Source{
				{Name: "hq", URL: "https://hq.example.com/rest", Key: envKey, KeyFrom: "key_env CHRONICALL_KEY", Mode: ModeAuto, Interval: 20 * time.Second, Timeout: 10 * time.Second},
				{Name: "branch", URL: "https://branch.example.com/rest", Key: envKey, KeyFrom: "key_env CHRONICALL_KEY", Mode: ModeSubscribe, Interval: 20 * time.Second, Timeout: 10 * time.Second},
			},
			Widgets: []Widget{
				{ID: "support", Title: "support", Origins: sites, StaleAfter: time.Minute, HideAfter: 5 * time.Minute, Metrics: []WidgetMetric{wait}},
				{ID: "sales", Title: "sales", Origins: sites, StaleAfter: time.Minute, HideAfter: 5 * time.Minute, Metrics: []WidgetMetric{first}},
				{ID: "copy", Title: "copy", Origins: sites, StaleAfter: time.Minute, HideAfter: 5 * time.Minute, Metrics: []WidgetMetric{wait}},
			},
		},
	}
	tests["display"], tests["hours"] = validDisplay(), validHours(t)
	files, _ := filepath.Glob("testdata/valid-*.yaml")
	if len(files) != len(tests) {
		t.Errorf("%d files and %d expectations", len(files), len(tests))
	}
	for name, want := range tests {
		for i := range want.Widgets {
			if want.Widgets[i].Locale == "" {
				want.Widgets[i].Locale = "en"
			}
		}
		t.Run(name, func(t *testing.T) {
			got, err := Load("testdata/valid-"+name+".yaml", testEnv)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got, sameZone, cmpopts.EquateComparable(netip.Prefix{})); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestExample(t *testing.T) {
	config, err := Load("../examples/waitboard.yaml", testEnv)
	if err != nil {
		t.Fatal(err)
	}
	if len(config.Sources) != 1 || len(config.Widgets) != 2 || len(config.Widgets[0].Metrics) != 2 {
		t.Errorf("the example has %d sources, %d widgets", len(config.Sources), len(config.Widgets))
	}
	support := config.Widgets[0]
	wait := support.Metrics[0]
	if support.Hours == nil || len(support.Hours.Weekly[time.Saturday]) != 1 || wait.Display.Above != 1800 || wait.Levels.High != 900 || wait.Link == nil {
		t.Errorf("the example lost something: %+v", support)
	}
}

func TestUnreadable(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("large.yaml", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate("large.yaml", maxFileBytes+1); err != nil { // takes no room on the disk
		t.Fatal(err)
	}
	if err := os.Mkdir("folder.yaml", 0o700); err != nil {
		t.Fatal(err)
	}
	for file, want := range map[string]string{
		"none.yaml":   "none.yaml: cannot be read: there is no such file (check the path; waitboard discover --output FILE writes one to start from)",
		"folder.yaml": "folder.yaml: cannot be read: it is a folder or a device, not a file",
		"large.yaml":  "large.yaml: is larger than 4 MiB (check the path; sources and widgets can go into several files, which include lists)",
	} {
		_, err := Load(file, testEnv)
		if err == nil || err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
		if file == "none.yaml" && !errors.Is(err, fs.ErrNotExist) {
			t.Error("errors.Is does not see that there is no file")
		}
	}
}
