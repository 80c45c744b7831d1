package simulator

import "time"

// The JSON of the vendor's API. The order of the fields is that of the
// examples on the vendor's page, which differs from type to type.

// zone is the phone server's: a fixed offset, so that the tests do not depend
// on the time zones installed.
var zone = time.FixedZone("", -7*60*60)

// timestamp formats an instant like the vendor: milliseconds and a numeric
// offset.
func timestamp(t time.Time) string {
	return t.In(zone).Format("2006-01-02T15:04:05.000-07:00")
}

type metricJSON struct {
	MetricID          string   `json:"metricId"`
	MetricName        string   `json:"metricName"`
	CategoryType      string   `json:"categoryType"`
	CategorySelection []string `json:"categorySelection"`
}

type valuesJSON struct {
	Results      []resultJSON `json:"results"`
	Initializing []valueKey   `json:"initializing"`
}

type resultJSON struct {
	Key   valueKey `json:"key"`
	Value any      `json:"value"`
}

// valueKey names one value: of a metric, for one category value where its
// category type is not None.
type valueKey struct {
	MetricID      string `json:"metricId"`
	CategoryValue string `json:"categoryValue,omitempty"`
}

type booleanJSON struct {
	LastUpdateTime string `json:"lastUpdateTime"`
	Value          bool   `json:"value"`
	Type           string `json:"type"`
}

type countJSON struct {
	LastUpdateTime string `json:"lastUpdateTime"`
	Count          int64  `json:"count"`
	Type           string `json:"type"`
}

type stringJSON struct {
	Type           string `json:"type"`
	LastUpdateTime string `json:"lastUpdateTime"`
	Value          string `json:"value"`
}

type durationJSON struct {
	Type             string `json:"type"`
	LastUpdateTime   string `json:"lastUpdateTime"`
	FinishedDuration int64  `json:"finishedDuration"` // milliseconds
	NumCountingUp    int    `json:"numCountingUp"`
	NumCountingDown  int    `json:"numCountingDown"`
}

type averageJSON struct {
	Type            string `json:"type"`
	LastUpdateTime  string `json:"lastUpdateTime"`
	DurationSum     int64  `json:"durationSum"` // milliseconds
	Count           int64  `json:"count"`
	NumCountingUp   int    `json:"numCountingUp"`
	NumCountingDown int    `json:"numCountingDown"`
}

type percentageJSON struct {
	Type           string  `json:"type"`
	LastUpdateTime string  `json:"lastUpdateTime"`
	Percentage     float64 `json:"percentage"`
}

type absentJSON struct {
	LastUpdateTime string `json:"lastUpdateTime"`
}

// valueOf returns a line in the vendor's format. The skew of the phone server's
// clock shifts all its times.
func valueOf(l line, skew time.Duration) any {
	updated := timestamp(l.updated.Add(skew))
	switch l.kind {
	case Boolean:
		return booleanJSON{updated, l.yes, l.kind}
	case Count:
		return countJSON{updated, l.count, l.kind}
	case String:
		return stringJSON{l.kind, updated, l.text}
	case Duration:
		return durationJSON{l.kind, updated, l.sum.Milliseconds(), l.up, l.down}
	case AverageDuration:
		return averageJSON{l.kind, updated, l.sum.Milliseconds(), l.count, l.up, l.down}
	case Percentage:
		return percentageJSON{l.kind, updated, l.percent}
	default:
		return absentJSON{updated}
	}
}
