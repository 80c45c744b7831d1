package handlers

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sys/unix"

	"waitboard/domain"
	"waitboard/handlers/pages"
	"waitboard/locale"
	"waitboard/publish"
	"waitboard/sse"
)

// BenchmarkStream compares event streams over HTTP/1.1 in one run: "taken-over" connections, "plain" ones (the same service without
// [sse.Prepare]), and "channels", the design with a goroutine and a channel for each stream. It reports the server's memory for an idle stream,
// and the time from a change to the last reader's event. For HTTP/2 it reports the memory only. Servers and readers are separate
// processes; each needs a file descriptor for every stream.
//
//	go test -run '^$' -bench Stream -benchtime 1x ./handlers
func BenchmarkStream(b *testing.B) {
	const readers, rounds = 10_000, 15
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil || limit.Cur < readers+200 {
		b.Skipf("needs %d file descriptors, there are %d (%v)", readers+200, limit.Cur, err)
	}
	for b.Loop() {
		overHTTP2 := startPair(b, "http2", "http2-readers", readers)
		b.ReportMetric(overHTTP2.bytes, "http2-B/stream")
		overHTTP2.stop()
		names := []string{"taken-over", "plain", "channels"}
		designs := map[string]*pair{}
		for _, name := range names {
			designs[name] = startPair(b, name, "readers", readers)
		}
		took := map[string][]float64{}
		for round := range rounds {
			for i := range names {
				name := names[(i+round)%len(names)]
				took[name] = append(took[name], designs[name].publish(round))
			}
		}
		for name, p := range designs {
			b.ReportMetric(p.bytes, name+"-B/stream")
			b.ReportMetric(median(took[name])/1e6, name+"-ms/event")
			p.stop()
		}
		for _, other := range names[1:] {
			var ratios []float64
			for round := range rounds {
				ratios = append(ratios, took["taken-over"][round]/took[other][round])
			}
			b.ReportMetric(quantile(ratios, 0.25), "event-ratio-low-to-"+other)
			b.ReportMetric(median(ratios), "event-ratio-to-"+other)
			b.ReportMetric(quantile(ratios, 0.75), "event-ratio-high-to-"+other)
		}
		b.ReportMetric(0, "ns/op")
	}
}

func median(of []float64) float64 { return quantile(of, 0.5) }

// quantile returns the value that a share of the values is below.
func quantile(of []float64, share float64) float64 {
	sorted := slices.Sorted(slices.Values(of))
	return sorted[int(share*float64(len(sorted)))]
}

// A pair is a server process and a process with its readers. Both take commands, a line each.
type pair struct {
	b               testing.TB
	server, readers *process
	bytes           float64 // per stream
}

type process struct {
	*exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

func startPair(b testing.TB, design, role string, readers int) *pair {
	p := &pair{b: b, server: startProcess(b, design), readers: startProcess(b, role)}
	address := p.server.receive(b)
	p.readers.send(b, "%s %d", address, 1) // what the first one takes is the server's own
	p.readers.receive(b)
	before := p.resident()
	p.readers.send(b, "%s %d", address, readers)
	p.readers.receive(b)
	time.Sleep(time.Second)
	p.bytes = (p.resident() - before) / float64(readers)
	return p
}

func (p *pair) resident() float64 {
	p.server.send(p.b, "resident")
	bytes, err := strconv.ParseFloat(p.server.receive(p.b), 64)
	if err != nil {
		p.b.Fatal(err)
	}
	return bytes
}

// publish changes the number, and returns the nanoseconds until the last reader's event.
func (p *pair) publish(number int) float64 {
	p.readers.send(p.b, "await")
	p.readers.receive(p.b)
	p.server.send(p.b, "%d", 100+number)
	from, err := strconv.ParseInt(p.server.receive(p.b), 10, 64)
	if err != nil {
		p.b.Fatal(err)
	}
	until, err := strconv.ParseInt(p.readers.receive(p.b), 10, 64)
	if err != nil {
		p.b.Fatal(err)
	}
	return float64(until - from)
}

func (p *pair) stop() {
	for _, each := range []*process{p.readers, p.server} {
		_ = each.in.Close()
		if err := each.Wait(); err != nil {
			p.b.Error(err)
		}
	}
}

func startProcess(b testing.TB, role string) *process {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), roleVariable+"="+role)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	return &process{cmd, in, bufio.NewReader(out)}
}

func (p *process) send(b testing.TB, format string, args ...any) {
	if _, err := fmt.Fprintf(p.in, format+"\n", args...); err != nil {
		b.Fatal(err)
	}
}

func (p *process) receive(b testing.TB) string {
	line, err := p.out.ReadString('\n')
	if err != nil {
		b.Fatal(err)
	}
	return strings.TrimSpace(line)
}

func init() {
	roles["taken-over"] = func() error { return serveBenchmark(serviceDesign, sse.Prepare) }
	roles["plain"] = func() error { return serveBenchmark(serviceDesign, func(*http.Server) {}) }
	roles["http2"] = roles["taken-over"]
	roles["channels"] = func() error { return serveBenchmark(channelDesign, func(*http.Server) {}) }
	roles["readers"] = readBenchmark
	roles["http2-readers"] = readHTTP2Benchmark
}

// serveBenchmark serves a widget's events. A number on standard input becomes the widget's value; any other line asks for the resident memory.
func serveBenchmark(design func(*publish.Publisher) http.Handler, prepare func(*http.Server)) error {
	metric := domain.WidgetMetric{ID: "calls", Label: "Calls in queue", Ref: domain.Ref{Source: "hq", Metric: "calls"}}
	b := publish.New(publish.Options{Now: time.Now, Widgets: []domain.Widget{{
		ID: "w", Title: "Customer support", Locale: locale.English(), StaleAfter: time.Hour, HideAfter: 2 * time.Hour, RefreshAfter: time.Minute, Metrics: []domain.WidgetMetric{metric},
	}}})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{Handler: design(b), ReadHeaderTimeout: time.Minute}
	prepare(server)
	server.Protocols = new(http.Protocols)
	server.Protocols.SetHTTP1(true)
	server.Protocols.SetUnencryptedHTTP2(true)
	go func() { _ = server.Serve(listener) }()
	fmt.Println(listener.Addr())
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		if number, err := strconv.Atoi(lines.Text()); err == nil {
			now := time.Now()
			b.Readings().Apply("hq", map[string]domain.Observation{"calls": {Confirmed: now, Complete: now, Kind: domain.Count,
				Samples: map[string]domain.Sample{"": {Reading: domain.CountOf(float64(number)), Confirmed: now}}}})
			fmt.Println(now.UnixNano())
			continue
		}
		pages, err := os.ReadFile("/proc/self/statm")
		if err != nil {
			return err
		}
		resident, err := strconv.Atoi(strings.Fields(string(pages))[1])
		if err != nil {
			return err
		}
		fmt.Println(resident * os.Getpagesize())
	}
	return nil
}

func serviceDesign(p *publish.Publisher) http.Handler {
	metrics := prometheus.NewRegistry()
	return New(Options{
		Publisher: p, Widgets: []pages.Offered{{ID: "w"}}, PublicURL: "http://localhost", Metrics: metrics, Log: slog.New(slog.DiscardHandler), Ready: func() bool { return true },
		Events: NewEvents(EventOptions{Publisher: p, Metrics: metrics, Now: time.Now, Pace: DefaultPace}), EventLimits: EventLimits{Total: 20_000},
		RateLimit: RateLimit{Requests: 600, Per: time.Minute, SparePrivate: true}, Now: time.Now,
	})
}

// channelDesign has a goroutine and a channel for each stream, and writes and flushes each event.
func channelDesign(p *publish.Publisher) http.Handler {
	var mu sync.Mutex
	all := map[chan []byte]struct{}{}
	p.Watch(func(id string) {
		page, _ := p.Page(id)
		mu.Lock()
		defer mu.Unlock()
		for each := range all {
			select {
			case each <- page.Event():
			default:
			}
		}
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mine := make(chan []byte, 8)
		mu.Lock()
		all[mine] = struct{}{}
		mu.Unlock()
		defer func() {
			mu.Lock()
			delete(all, mine)
			mu.Unlock()
		}()
		w.Header().Set("Content-Type", "text/event-stream")
		page, _ := p.Page("w")
		_, _ = w.Write(page.Event())
		w.(http.Flusher).Flush()
		beat := time.NewTicker(20 * time.Second)
		defer beat.Stop()
		for {
			select {
			case <-r.Context().Done():
				return
			case event := <-mine:
				_, _ = w.Write(event)
			case now := <-beat.C:
				_, _ = w.Write(page.Heartbeat(now))
			}
			w.(http.Flusher).Flush()
		}
	})
}

// readBenchmark opens the requested number of streams, and prints the time when all have begun. At "await" it prints "ready", then the
// time at which the last stream has received another event.
func readBenchmark() error {
	epoll, err := unix.EpollCreate1(0)
	if err != nil {
		return err
	}
	got := map[int]bool{} // by descriptor: an event has arrived
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		if words := strings.Fields(lines.Text()); words[0] != "await" {
			n, err := strconv.Atoi(words[1])
			if err != nil {
				return err
			}
			for i := range n {
				fd, err := dialBenchmark(words[0])
				if err != nil {
					return err
				}
				if i%20 == 19 { // about the rate of reconnects after a restart
					time.Sleep(10 * time.Millisecond)
				}
				got[fd] = false
				if err := unix.EpollCtl(epoll, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(fd)}); err != nil {
					return err
				}
			}
		} else {
			for fd := range got {
				got[fd] = false
			}
			fmt.Println("ready")
		}
		if err := awaitBenchmark(epoll, got); err != nil {
			return err
		}
		fmt.Println(time.Now().UnixNano())
	}
	return nil
}

// readHTTP2Benchmark opens the requested number of streams, on as few connections as the server allows, and prints a line when all have begun.
func readHTTP2Benchmark() error {
	transport := &http.Transport{Protocols: new(http.Protocols)}
	transport.Protocols.SetUnencryptedHTTP2(true)
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		address, count, _ := strings.Cut(lines.Text(), " ")
		n, err := strconv.Atoi(count)
		if err != nil {
			return err
		}
		for range n {
			resp, err := (&http.Client{Transport: transport}).Get("http://" + address + "/v1/widgets/w/events") //nolint:bodyclose // open until the process ends
			if err != nil {
				return err
			}
			for got := ""; !strings.Contains(got, "event: snapshot"); {
				buffer := make([]byte, 4096)
				n, err := resp.Body.Read(buffer)
				if err != nil {
					return err
				}
				got += string(buffer[:n])
			}
		}
		fmt.Println("begun")
	}
	return nil
}

func dialBenchmark(address string) (fd int, err error) {
	target, err := net.ResolveTCPAddr("tcp", address)
	if err != nil {
		return 0, err
	}
	fd, err = unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)
	if err == nil {
		err = unix.Connect(fd, &unix.SockaddrInet4{Port: target.Port, Addr: [4]byte(target.IP.To4())})
	}
	if err == nil {
		_, err = unix.Write(fd, []byte("GET /v1/widgets/w/events HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n"))
	}
	return fd, err
}

// awaitBenchmark reads until each stream has a snapshot.
func awaitBenchmark(epoll int, got map[int]bool) error {
	missing := 0
	for _, done := range got {
		if !done {
			missing++
		}
	}
	ready, buffer := make([]unix.EpollEvent, 256), make([]byte, 4096)
	for missing > 0 {
		n, err := unix.EpollWait(epoll, ready, -1)
		if err != nil && !errors.Is(err, unix.EINTR) {
			return err
		}
		for _, each := range ready[:max(n, 0)] {
			fd := int(each.Fd)
			n, err := unix.Read(fd, buffer)
			if err != nil || n == 0 {
				return errors.Join(errors.New("a stream has ended"), err)
			}
			if !got[fd] && bytes.Contains(buffer[:n], []byte("event: snapshot")) {
				got[fd] = true
				missing--
			}
		}
	}
	return nil
}
