package app

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"waitboard/cluster"
	"waitboard/config"
	"waitboard/domain"
	"waitboard/internal/transport"
	"waitboard/notices"
	"waitboard/poller"
)

// openCluster connects this replica with the others.
func (f *feed) openCluster(o feedOptions) (err error) {
	options, err := clusterOptions(o.cluster)
	if err != nil {
		return err
	}
	options.Store, options.Metrics, options.Now, options.Log = f.readings, o.metrics, o.now, f.log
	options.Host, _ = os.Hostname() // for operators only
	if f.cluster, err = cluster.New(context.Background(), options); err != nil {
		return err
	}
	f.readings.Guard(f.cluster.Write)
	return nil
}

// clusterOptions returns what connects to the engine.
func clusterOptions(c config.Cluster) (o cluster.Options, err error) {
	o = cluster.Options{URL: c.URL.Reveal(), Prefix: c.Prefix, TLS: &tls.Config{MinVersion: tls.VersionTLS12}}
	if o.TLS.RootCAs, err = transport.Roots(c.CA); err != nil {
		return o, err
	}
	if c.Certificate != nil {
		certificate, err := tls.X509KeyPair(c.Certificate, []byte(c.Key.Reveal()))
		if err != nil {
			return o, errors.New("cluster: the certificate can't be used with its key") // the configuration was checked
		}
		o.TLS.Certificates = []tls.Certificate{certificate}
	}
	return o, nil
}

// join shares a source with other replicas. Its poller runs while it is this replica's turn.
func (f *feed) join(s *source) {
	f.metrics.Forget(s.config.Name) // until this replica polls it
	ctx := f.polling
	member := f.cluster.Join(cluster.SourceOptions{
		Name: s.config.Name, URL: s.config.URL, Key: s.config.Key.Reveal(), Interval: s.config.Interval, Want: encodeWants(s.wants),
		Wanted: func(all [][]byte) { s.setWants(unite(all)) },
		Poll:   func(on bool) { f.poll(ctx, s, on) },
	})
	s.mu.Lock()
	defer s.mu.Unlock()
	s.member = member
}

// poll starts a new poller of a shared source with the readings of this moment, or stops it. A new one waits until the one before has ended.
func (f *feed) poll(ctx context.Context, s *source, on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stop != nil {
		s.stop()
	}
	if !on {
		return
	}
	before, ended := s.ended, make(chan struct{})
	ctx, s.stop = context.WithCancel(ctx)
	s.ended = ended
	go func() {
		defer close(ended)
		if before != nil {
			<-before
		}
		if ctx.Err() != nil {
			return
		}
		s.mu.Lock()
		p := f.newPoller(s, s.wants, f.readings.Of(s.config.Name))
		s.poller = p
		s.mu.Unlock()
		p.Run(ctx)
		f.metrics.Forget(s.config.Name)
	}()
}

// encodeWants encodes what a replica wants of a source, for other replicas.
func encodeWants(wants []poller.Want) []byte {
	raw, err := json.Marshal(wants)
	if err != nil {
		panic(err) // texts and numbers can be encoded
	}
	return raw
}

// unite returns what any of several replicas wants, sorted so that equal wants give equal results.
func unite(all [][]byte) []poller.Want {
	var out []poller.Want
	index := map[string]int{}
	for _, raw := range all {
		var wants []poller.Want
		if json.Unmarshal(raw, &wants) != nil {
			continue // of another release
		}
		for _, w := range wants {
			i, known := index[w.Metric]
			if !known {
				index[w.Metric] = len(out)
				out = append(out, w)
				continue
			}
			out[i].StaleAfter = min(out[i].StaleAfter, w.StaleAfter)
			out[i].Categories = merged(out[i].Categories, w.Categories)
			out[i].UsedBy = merged(out[i].UsedBy, w.UsedBy)
			for category, users := range w.ChosenBy {
				if out[i].ChosenBy == nil {
					out[i].ChosenBy = map[string][]string{}
				}
				out[i].ChosenBy[category] = merged(out[i].ChosenBy[category], users)
			}
		}
	}
	return out
}

func merged(a, b []string) []string {
	for _, text := range b {
		if !slices.Contains(a, text) {
			a = append(a, text)
		}
	}
	return a
}

// catchUp reads the newest readings of widgets from the engine, if this replica shares them. It shows them before it returns.
func (a *App) catchUp(ctx context.Context, widgets []string) {
	var sources []string
	for _, widget := range widgets {
		for _, ref := range a.feed.publisher.Refs(widget) {
			if !slices.Contains(sources, ref.Source) {
				sources = append(sources, ref.Source)
			}
		}
	}
	a.feed.cluster.Refresh(ctx, sources)
	for _, widget := range widgets {
		a.feed.publisher.Refresh(widget)
	}
}

// shareNotice changes a notice on all replicas.
func (f *feed) shareNotice(id string, n domain.Notice, apply func(revision int64) error) error {
	err := f.cluster.SetNotice(id, n, apply)
	if errors.Is(err, cluster.ErrUnavailable) {
		return notices.ErrReadOnly
	}
	return err
}

// CheckCluster returns what is wrong with the engine, and what the operator should change although replicas can use it, in a sentence each;
// empty: nothing, or there is no engine.
func CheckCluster(ctx context.Context, c config.Cluster, now func() time.Time) (problem, remark string) {
	if !c.On() {
		return "", ""
	}
	var report cluster.Report
	o, err := clusterOptions(c)
	if err == nil {
		o.Now = now
		report, err = cluster.Inspect(ctx, o)
	}
	switch {
	case err != nil:
		problem = "The engine can't be used: " + strings.TrimPrefix(err.Error(), "cluster: ") + "."
	case report.Evicts != "":
		problem = "The engine may evict keys: its maxmemory-policy is " + report.Evicts + ". Set it to noeviction."
	}
	if report.Ahead != 0 {
		where := "ahead of"
		if report.Ahead < 0 {
			where = "behind"
		}
		remark = fmt.Sprintf("The clock of this machine is %s %s that of the engine, so ages of values may be wrong. Set both with NTP.", report.Ahead.Abs().Round(100*time.Millisecond), where)
	}
	return problem, remark
}
