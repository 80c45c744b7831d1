// Command clients reads a waitboard service with clients that others wrote or generated. The test in the root folder generates package api
// from the service's OpenAPI document.
package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"time"

	r3labs "github.com/r3labs/sse/v2"
	tmaxmax "github.com/tmaxmax/go-sse"

	"waitboard/clients/api"
)

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	url := os.Args[1]
	for name, read := range map[string]func(ctx context.Context, url string) error{"oapi-codegen": readAPI, "r3labs/sse": readR3labs, "tmaxmax/go-sse": readTmaxmax} {
		if err := read(ctx, url); err != nil {
			fmt.Fprintln(os.Stderr, name+":", err)
			os.Exit(1)
		}
	}
}

// readAPI reads a widget, and one that doesn't exist.
func readAPI(ctx context.Context, url string) error {
	client, err := api.NewClientWithResponses(url)
	if err != nil {
		return err
	}
	answer, err := client.GetWidgetWithResponse(ctx, "support", nil)
	if err != nil {
		return err
	}
	if answer.JSON200 == nil {
		return fmt.Errorf("status %d", answer.StatusCode())
	}
	snapshot, err := answer.JSON200.AsOpenSnapshot()
	if err != nil || snapshot.Id != "support" || len(snapshot.Metrics) != 1 {
		return fmt.Errorf("snapshot %+v, %w", snapshot, err)
	}
	metric, err := snapshot.Metrics[0].AsCountMetric()
	if err != nil || metric.Type != "count" {
		return fmt.Errorf("metric %+v, %w", metric, err)
	}
	ids := []api.ID{"support", "nosuch"}
	list, err := client.GetWidgetsWithResponse(ctx, &api.GetWidgetsParams{Id: &ids})
	if err != nil {
		return err
	}
	if list.JSON200 == nil || len(list.JSON200.Widgets) != 1 || list.JSON200.Missing == nil || (*list.JSON200.Missing)[0] != "nosuch" {
		return fmt.Errorf("list %s", list.Body)
	}
	return nil
}

// readR3labs reads the first event of a stream.
func readR3labs(ctx context.Context, url string) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var first *r3labs.Event
	err := r3labs.NewClient(url+"/v1/widgets/support/events").SubscribeRawWithContext(ctx, func(e *r3labs.Event) {
		if first == nil {
			first = e
			cancel()
		}
	})
	if first == nil {
		return fmt.Errorf("no event: %w", err)
	}
	return check(string(first.Event), string(first.ID), string(first.Data))
}

// readTmaxmax reads the first event of a stream of several widgets.
func readTmaxmax(ctx context.Context, url string) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/v1/events?id=support", nil)
	if err != nil {
		return err
	}
	var first *tmaxmax.Event
	connection := tmaxmax.NewConnection(request)
	connection.SubscribeToAll(func(e tmaxmax.Event) {
		if first == nil {
			first = &e
			cancel()
		}
	})
	err = connection.Connect()
	if first == nil {
		return fmt.Errorf("no event: %w", err)
	}
	return check(first.Type, first.LastEventID, first.Data)
}

func check(event, id, data string) error {
	if event != "snapshot" || id == "" || len(data) < 100 {
		return fmt.Errorf("the first event is %q with ID %q and data %q", event, id, data)
	}
	return nil
}
