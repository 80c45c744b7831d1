package locale

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"waitboard/internal/testlevel"
)

// fieldForms are the forms with exact expectations below.
var fieldForms = []string{
	"en-US", "en-GB", "en-AU", "en-CA", "en-IN", "es-ES", "es-US", "es-MX", "fr-FR", "fr-CA", "pt-BR", "pt-PT", "de-DE", "de-AT", "de-CH", "it", "nl", "pl",
	"ar", "ar-EG", "he", "ja", "zh-Hans",
}

// node runs a script with an input. It skips the test if Node has another CLDR version.
func node(t *testing.T, input any, arguments ...string) []byte {
	t.Helper()
	path := testlevel.Need(t, "node", "nodejs npm")
	version, err := exec.CommandContext(t.Context(), path, "-p", "process.versions.cldr").Output() //nolint:gosec // found by its name
	if have, _, _ := strings.Cut(strings.TrimSpace(string(version)), "."); err != nil || !strings.HasPrefix(forms().CLDR, have+".") && !*newForms {
		t.Skipf("Node has CLDR %s, the table is of %s, %v", version, forms().CLDR, err)
	}
	raw, err := json.Marshal(input)
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), path, arguments...) //nolint:gosec // found by its name
	command.Stdin = bytes.NewReader(raw)
	var problems bytes.Buffer
	command.Stderr = &problems
	out, err := command.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, &problems)
	}
	return out
}

// zoneNames returns the zones that both Go and ICU have.
func zoneNames(t *testing.T) (names []string) {
	t.Helper()
	archive, err := zip.OpenReader(filepath.Join(runtime.GOROOT(), "lib", "time", "zoneinfo.zip")) //nolint:staticcheck // tests run where Go is
	if err != nil {
		testlevel.Missing(t, err.Error())
	}
	defer func() { _ = archive.Close() }()
	for _, f := range archive.File {
		if !strings.HasSuffix(f.Name, "/") && f.Name != "Factory" {
			names = append(names, f.Name)
		}
	}
	slices.Sort(names)
	return names
}

var newForms = flag.Bool("cldr", false, "write cldr/forms.json again, from the CLDR that Node has")

// TestFormsAreCLDR generates the table again. Run it with -cldr to update the file.
func TestFormsAreCLDR(t *testing.T) {
	if *newForms {
		if err := os.WriteFile(filepath.Join("cldr", "forms.json"), node(t, zoneNames(t), filepath.Join("cldr", "forms.mjs")), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	testlevel.Full(t)
	made := node(t, zoneNames(t), filepath.Join("cldr", "forms.mjs"))
	if diff := cmp.Diff(strings.Split(string(formsFile), "\n"), strings.Split(string(made), "\n")); diff != "" {
		t.Errorf("cldr/forms.json (-file +generated); update it with -cldr\n%s", diff)
	}
}

// intl prints what browsers show for each form, zone and time: the clock, the zone's name, and the date without and with its year.
const intl = `
const { tags, zones, times } = JSON.parse(require('fs').readFileSync(0, 'utf8'));
const bare = text => text.replace(/[\u200e\u200f\u061c]/g, '');
const out = {};
for (const tag of tags) for (const timeZone of zones) {
  const as = options => { const f = new Intl.DateTimeFormat(tag, { timeZone, ...options }); return t => bare(f.format(t)); };
  const zone = new Intl.DateTimeFormat(tag, { timeZone, timeZoneName: 'short' });
  const parts = [as({ timeStyle: 'short' }), t => bare(zone.formatToParts(t).find(p => p.type == 'timeZoneName').value), as({ month: 'long', day: 'numeric' }), as({ dateStyle: 'long' })];
  for (const time of times) out[[tag, timeZone, time].join(' ')] = parts.map(part => part(new Date(time))).join(' | ');
}
console.log(JSON.stringify(out));`

// Server and browser format times alike, over a year with its clock changes, at midnight and at noon.
func TestClocksLikeIntl(t *testing.T) {
	if testing.Short() {
		t.Skip("Node takes seconds")
	}
	zones := []string{
		"America/Denver", "US/Mountain", "America/Phoenix", "America/St_Johns", "America/Sao_Paulo", "Europe/London", "Europe/Berlin", "Europe/Dublin",
		"Africa/Casablanca", "Asia/Kolkata", "Asia/Kathmandu", "Asia/Tokyo", "Australia/Sydney", "Australia/Lord_Howe", "UTC", "Etc/GMT+3",
	}
	var times []string
	for _, month := range []time.Month{1, 3, 7, 11} {
		for _, hour := range []int{0, 7, 12, 13, 23} {
			// Not the first of a month: some catalogs use its ordinal, Intl doesn't.
			times = append(times, time.Date(2026, month, 23+hour%3, hour, 5, 0, 0, time.UTC).Format(time.RFC3339))
		}
	}
	// The clock changes in Denver between these hours.
	times = append(times, "2026-03-08T08:59:00Z", "2026-03-08T09:00:00Z", "2026-11-01T07:59:00Z", "2026-11-01T08:00:00Z")
	tags := append(slices.Clone(fieldForms), "es-CO", "ar-LB", "ar-MA", "zh-SG")
	var numbers []string // ICU and browsers differ in Arabic digits; see Numbers
	of := map[string]*Locale{}
	for _, tag := range tags {
		l := locale(t, tag)
		of[l.Numbers()] = l
		numbers = append(numbers, l.Numbers())
	}
	var said map[string]string
	if err := json.Unmarshal(node(t, map[string][]string{"tags": numbers, "zones": zones, "times": times}, "-e", intl), &said); err != nil {
		t.Fatal(err)
	}
	if len(said) != len(numbers)*len(zones)*len(times) {
		t.Fatalf("%d answers", len(said))
	}
	for key, want := range said {
		fields := strings.Fields(key)
		zone, err := time.LoadLocation(fields[1])
		if err != nil {
			t.Fatal(err)
		}
		at, err := time.ParseInLocation(time.RFC3339, fields[2], zone)
		if err != nil {
			t.Fatal(err)
		}
		l, at := of[fields[0]], at.In(zone)
		date := l.date(at)
		if at.Day() == 1 {
			continue
		}
		got := strings.Join([]string{l.Clock(at), l.Zone(at), date, l.say("date_year", "date", date, "year", l.localDigits(at.Format("2006")))}, " | ")
		if got != want {
			t.Errorf("%s: %s, browsers have %s", key, got, want)
		}
	}
}

// A zone's name depends on the time. A zone without a known name has its offset.
func TestZone(t *testing.T) {
	winter, summer := time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC), time.Date(2026, 7, 15, 12, 0, 0, 0, time.UTC)
	for _, test := range []struct{ tag, zone, winter, summer string }{
		{"en-US", "America/Denver", "MST", "MDT"}, {"en-GB", "America/Denver", "GMT-7", "GMT-6"}, {"fr-CA", "America/Denver", "HNR", "HAR"},
		{"de-DE", "Europe/Berlin", "MEZ", "MESZ"}, {"en-GB", "Europe/London", "GMT", "BST"}, {"en-US", "Europe/London", "GMT", "GMT+1"},
		{"en-IE", "Europe/Dublin", "GMT", "IST"}, {"en-US", "America/Phoenix", "MST", "MST"}, {"en-IN", "Asia/Kolkata", "IST", "IST"},
		{"en-AU", "Australia/Sydney", "AEDT", "AEST"}, {"fr-FR", "Europe/Paris", "UTC+1", "UTC+2"}, {"ja", "Asia/Tokyo", "JST", "JST"},
		{"ar-EG", "Asia/Kathmandu", "غرينتش+٥:٤٥", "غرينتش+٥:٤٥"}, {"pl", "UTC", "UTC", "UTC"}, {"en-US", "US/Mountain", "MST", "MDT"},
	} {
		at, err := time.LoadLocation(test.zone)
		if err != nil {
			t.Fatal(err)
		}
		if l := locale(t, test.tag); l.Zone(winter.In(at)) != test.winter || l.Zone(summer.In(at)) != test.summer {
			t.Errorf("%s, %s: %s, %s", test.tag, test.zone, l.Zone(winter.In(at)), l.Zone(summer.In(at)))
		}
	}
	for offset, want := range map[int]string{0: "GMT+0", -3600: "GMT-1", 5*3600 + 45*60: "GMT+5:45", -(9*3600 + 30*60): "GMT-9:30"} {
		if got := locale(t, "en").Zone(winter.In(time.FixedZone("nobody's", offset))); got != want {
			t.Errorf("%d: %s, want %s", offset, got, want)
		}
	}
}

func TestMidnightAndNoon(t *testing.T) {
	for tag, want := range map[string]string{
		"en-US": "12:00 AM 12:01 PM 11:59 PM", "en-GB": "00:00 12:01 23:59", "es-MX": "12:00 a.m. 12:01 p.m. 11:59 p.m.", "fr-CA": "00 h 00 12 h 01 23 h 59",
		"he": "0:00 12:01 23:59", "ja": "0:00 12:01 23:59", "ar-EG": "١٢:٠٠ ص ١٢:٠١ م ١١:٥٩ م", "zh-SG": "上午12:00 下午12:01 下午11:59",
	} {
		l, day := locale(t, tag), time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
		if got := l.Clock(day) + " " + l.Clock(day.Add(12*time.Hour+time.Minute)) + " " + l.Clock(day.Add(24*time.Hour-time.Second)); got != want {
			t.Errorf("%s: %s, want %s", tag, got, want)
		}
	}
}

func TestFirstWeekday(t *testing.T) {
	for tag, want := range map[string]time.Weekday{
		"en": time.Sunday, "en-US": time.Sunday, "en-GB": time.Monday, "de": time.Monday, "pt-BR": time.Sunday, "pt-PT": time.Sunday, "fr-FR": time.Monday,
		"ar-EG": time.Saturday, "he": time.Sunday, "ja": time.Sunday, "zh-Hans": time.Monday, "es-MX": time.Sunday, "es-ES": time.Monday,
	} {
		if got := locale(t, tag).FirstWeekday(); got != want {
			t.Errorf("%s: %s", tag, got)
		}
	}
}
