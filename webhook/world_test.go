package webhook

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"

	"waitboard/datadir"
	"waitboard/domain"
	"waitboard/internal/memnet"
	"waitboard/locale"
	"waitboard/publish"
	"waitboard/readings"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	name   = "chat"
	canary = "CANARY"
)

// A world is a publisher with two widgets, hooks, and receivers, in fake time.
type world struct {
	t         *testing.T
	network   *memnet.Network
	store     *readings.Store
	publisher *publish.Publisher
	hooks     *Hooks
	saved     *Store
	registry  *prometheus.Registry
	dir       *datadir.Dir // nil: the queue is in memory

	mu      sync.Mutex // guards what follows
	log     bytes.Buffer
	sources map[string]SourceState
	ready   bool
	broken  bool // updates fail
	applies bool // broken updates take effect nevertheless
	proxy   *url.URL
}

func inFakeTime(t *testing.T, f func(w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &world{t: t, network: memnet.New(), store: readings.New(time.Now), ready: true}
		w.publisher = publish.New(publish.Options{Readings: w.store, Now: time.Now, Widgets: []domain.Widget{widget("support"), widget("sales")}})
		defer w.publisher.Close()
		w.open()
		defer func() { w.close() }()
		f(w)
	})
}

// widget returns one whose metric has levels from 5 and from 15, and shows less than 3 as that.
func widget(id string) domain.Widget {
	return domain.Widget{
		ID: id, Title: "Title of " + id, Locale: locale.English(), StaleAfter: 45 * time.Second, HideAfter: 5 * time.Minute, RefreshAfter: 10 * time.Second,
		Metrics: []domain.WidgetMetric{{
			ID: "wait", Label: "Waiting", Ref: domain.Ref{Source: canary + id, Metric: canary}, Combine: domain.Max,
			Display: domain.Display{Kind: domain.Count, Round: 5}, Levels: domain.Levels{Kind: domain.Count, Moderate: 5, High: 15},
		}},
	}
}

// open starts the hooks, as the service does.
func (w *world) open() {
	w.registry = prometheus.NewRegistry()
	log := slog.New(slog.NewTextHandler(w, nil))
	if w.saved == nil || w.dir != nil {
		w.saved = OpenStore(w.dir, log)
	}
	w.hooks = New(Options{
		Publisher: w.publisher, Turns: w.serve, Dial: w.network.Dial, Metrics: w.registry, Now: time.Now, Log: log,
		Sources: func(context.Context) map[string]SourceState { w.mu.Lock(); defer w.mu.Unlock(); return w.sources },
		Ready:   func() bool { w.mu.Lock(); defer w.mu.Unlock(); return w.ready },
		Proxy:   func(*url.URL) (*url.URL, error) { return w.proxy, nil },
	})
	w.hooks.Start()
}

// serve serves a hook on a disk that may be broken.
func (w *world) serve(ctx context.Context, o Hook, serve Serve) {
	w.saved.Serve(ctx, o, func(ctx context.Context, state map[string]string, update Update) {
		serve(ctx, state, func(ctx context.Context, set map[string]string, del []string) error {
			w.mu.Lock()
			broken, applies := w.broken, w.applies
			w.mu.Unlock()
			if broken && !applies {
				return fmt.Errorf("disk full: %w", syscall.ENOSPC)
			}
			err := update(ctx, set, del)
			if broken {
				return fmt.Errorf("disk broken: %w", syscall.ENOSPC)
			}
			return err
		})
	})
}

// breaks breaks the disk, or repairs it.
func (w *world) breaks(broken, applies bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.broken, w.applies = broken, applies
}

func (w *world) close() {
	w.hooks.Close()
	if w.dir != nil {
		w.saved.Close()
	}
}

// restart is a restart of the service.
func (w *world) restart(hooks ...Hook) {
	w.close()
	w.open()
	w.replace(hooks...)
}

// replace replaces the hooks, and waits until they have looked at everything.
func (w *world) replace(hooks ...Hook) {
	w.hooks.Replace(hooks)
	w.pass(2 * lookEvery)
}

func (w *world) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.log.Write(p)
}

func (w *world) logged() string { w.mu.Lock(); defer w.mu.Unlock(); return w.log.String() }

func (w *world) setSources(states map[string]SourceState) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sources = states
}

// set confirms a value of a widget.
func (w *world) set(id string, n float64) {
	w.store.Apply(canary+id, map[string]domain.Observation{canary: {
		Confirmed: time.Now(), Complete: time.Now(), Kind: domain.Count, Samples: map[string]domain.Sample{"": {Reading: domain.CountOf(n), Confirmed: time.Now()}},
	}})
}

// hold confirms a value every 10 seconds for a while.
func (w *world) hold(id string, n float64, span time.Duration) {
	for end := time.Now().Add(span); time.Now().Before(end); {
		w.set(id, n)
		w.pass(min(10*time.Second, time.Until(end)))
	}
}

func (w *world) pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// metric returns the value of a Prometheus metric with these label values; -1: there is none.
func (w *world) metric(metric string, labels ...string) float64 {
	w.t.Helper()
	families, err := w.registry.Gather()
	if err != nil {
		w.t.Fatal(err)
	}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			var values []string
			for _, l := range m.GetLabel() {
				values = append(values, l.GetValue())
			}
			if f.GetName() == metric && slices.Equal(values, labels) {
				return m.GetCounter().GetValue() + m.GetGauge().GetValue()
			}
		}
	}
	return -1
}

// A receiver records what it receives, and answers as the test demands.
type receiver struct {
	w       *world
	url     string
	address string

	mu     sync.Mutex // guards what follows
	got    []delivery
	answer http.HandlerFunc // nil: 204
}

// A delivery is one request.
type delivery struct {
	at     time.Time
	id     string
	body   string
	header http.Header
}

func (w *world) receiver() *receiver {
	w.t.Helper()
	listener, err := w.network.Listen("127.0.0.1:0")
	if err != nil {
		w.t.Fatal(err)
	}
	return w.receive(listener)
}

func (w *world) receive(listener net.Listener) *receiver {
	r := &receiver{w: w, address: listener.Addr().String()}
	r.url = "http://" + r.address + "/" + canary + "?token=" + canary
	server := &http.Server{Handler: r, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, 0)}
	go server.Serve(listener) //nolint:errcheck // until Close
	w.t.Cleanup(func() { _ = server.Close(); synctest.Wait() })
	return r
}

func (r *receiver) ServeHTTP(out http.ResponseWriter, request *http.Request) {
	body, _ := io.ReadAll(request.Body)
	r.mu.Lock()
	r.got = append(r.got, delivery{time.Now(), request.Header.Get("Webhook-Id"), string(body), request.Header})
	answer := r.answer
	r.mu.Unlock()
	if answer == nil {
		answer = func(out http.ResponseWriter, _ *http.Request) { out.WriteHeader(http.StatusNoContent) }
	}
	answer(out, request)
}

func (r *receiver) answers(f http.HandlerFunc) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answer = f
}

func (r *receiver) all() []delivery {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.got)
}

// forget forgets all deliveries.
func (r *receiver) forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.got = nil
}

// conditions returns the new condition in each delivery.
func (r *receiver) conditions() string {
	var all []string
	for _, d := range r.all() {
		_, rest, _ := strings.Cut(d.body, `"to":"`)
		to, _, _ := strings.Cut(rest, `"`)
		all = append(all, to)
	}
	return strings.Join(all, " ")
}

// hook returns settings for a receiver.
func (r *receiver) hook(change ...func(*Hook)) Hook {
	h := Hook{Name: name, URL: r.url, Secret: secret, When: []Kind{Level}, Format: "json", AllowPrivate: true}
	for _, f := range change {
		f(&h)
	}
	return h
}

func status(code int) http.HandlerFunc {
	return func(out http.ResponseWriter, _ *http.Request) { http.Error(out, canary, code) }
}
