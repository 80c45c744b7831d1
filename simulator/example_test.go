package simulator_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"waitboard/simulator"
)

func Example() {
	noon := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	s, err := simulator.Start(simulator.Options{
		Seed:     1,
		InitTime: -1, // ready at once
		Now:      func() time.Time { return noon },
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer s.Close()

	ask := func() {
		req, _ := http.NewRequest("GET", s.URL()+"/api/v1/realtime/metrics/values?id=K0R9PJTE", nil)
		req.Header.Set("Authorization", "Bearer "+s.Key())
		req.Close = true
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			fmt.Println(err)
			return
		}
		defer resp.Body.Close()
		body, _ := io.ReadAll(resp.Body)
		first, _, _ := strings.Cut(string(body), "\n")
		fmt.Println(resp.Status, first)
	}
	ask()
	if err := s.SetFault(simulator.Fault{Mode: simulator.ModeStatus, Status: 503}); err != nil {
		fmt.Println(err)
	}
	ask()
	// Output:
	// 200 OK {"results":[{"key":{"metricId":"K0R9PJTE"},"value":{"lastUpdateTime":"2026-11-23T04:40:00.000-07:00"}}],"initializing":[]}
	// 503 Service Unavailable <html>
}
