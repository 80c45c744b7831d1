package simulator

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// morning is a busy instant in the simulator's time zone. Like real clocks, it
// is finer than a millisecond.
var morning = time.Date(2026, 11, 23, 10, 30, 0, 123456789, zone)

// testClock is a clock that only the test moves.
type testClock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *testClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *testClock) advance(d time.Duration) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	return c.now
}

// start runs a simulator at morning until the test ends. By default, values
// need no initialization.
func start(t *testing.T, o Options) (*Simulator, *testClock) {
	t.Helper()
	clock := &testClock{now: morning}
	o.Now = clock.Now
	if o.InitTime == 0 {
		o.InitTime = -1
	}
	s, err := Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s, clock
}

// client reuses no connections, so that none outlives its test.
var client = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: time.Minute}

// request sends a request with the simulator's key and returns the response with
// its body read.
func request(t *testing.T, s *Simulator, path string) (*http.Response, string) {
	t.Helper()
	resp, body, err := try(s, path)
	if err != nil {
		t.Fatal(err)
	}
	return resp, body
}

// try is request for requests that may fail.
func try(s *Simulator, path string) (*http.Response, string, error) {
	req, err := http.NewRequest("GET", s.URL()+path, nil)
	if err != nil {
		return nil, "", err
	}
	req.Header.Set("Authorization", "Bearer "+s.Key())
	return send(req)
}

func send(req *http.Request) (*http.Response, string, error) {
	resp, err := client.Do(req)
	if err != nil {
		return nil, "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return resp, string(body), err
}

// wireValue decodes a value of any type.
type wireValue struct {
	Key struct {
		MetricID      string
		CategoryValue string
	}
	Value struct {
		Type             string
		LastUpdateTime   time.Time
		Value            any
		Count            int64
		FinishedDuration int64
		DurationSum      int64
		NumCountingUp    int64
		NumCountingDown  int64
	}
}

// values requests the values of metrics, which must all be initialized.
func values(t *testing.T, s *Simulator, ids ...string) []wireValue {
	t.Helper()
	resp, body := request(t, s, valuesPath+"?id="+strings.Join(ids, ","))
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("status %d: %s", resp.StatusCode, body)
	}
	var answer struct{ Results []wireValue }
	if err := json.Unmarshal([]byte(body), &answer); err != nil {
		t.Fatal(err)
	}
	return answer.Results
}

// allIDs returns the IDs of the assigned metrics.
func allIDs(s *Simulator) (ids []string) {
	for _, m := range s.Metrics() {
		ids = append(ids, m.ID)
	}
	return ids
}
