package simulator

import "slices"

// The category types of metrics.
const (
	None          = "NONE"
	Agent         = "AGENT"
	Group         = "GROUP"
	CallDirection = "CALL_DIRECTION"
	AccountCode   = "ACCOUNT_CODE"
)

// Metric describes one metric of the simulator.
type Metric struct {
	ID           string   // with the mark, as all texts here
	Name         string   // not unique: two metrics are called "Longest Talk Time"
	CategoryType string   // None, Agent, ...
	Categories   []string // the category values; empty for None
	ValueType    string   // Boolean, Count, ...; missing in the API's list
}

// Metrics lists the metrics that are assigned to the service user, in the
// order of the API's list. No fault changes it. The caller owns the result.
func (s *Simulator) Metrics() []Metric {
	var out []Metric
	for _, m := range s.desk.metrics {
		if !s.desk.unassigned[m.ID] {
			m.Categories = slices.Clone(m.Categories)
			out = append(out, m)
		}
	}
	return out
}

// UnassignedID returns the ID of a metric that exists and is not assigned to
// the service user: requesting it gives 403.
func (s *Simulator) UnassignedID() string { return s.opts.Mark + unassignedID }

const unassignedID = "K09UWHZL"

// catalog holds all metrics. The first four IDs are from the vendor's examples.
var catalog = []struct {
	id, name     string
	categoryType string
	valueType    string
	values       func(*center) []*series
	unassigned   bool
}{
	{"K0FLAEB6", "Calls in Queue", None, Count, single(callsInQueue), false},
	{"K08ZIKVN", "Longest Talk Time", Agent, Duration, perAgent(agentTalk), false},
	{"K13CJXHV", "Agent on Call", Agent, Boolean, perAgent(onCall), false},
	{"K1RNV2OQ", "Longest Talk Time", None, Duration, single(longestTalk), false},
	{"K0W4ITGD", "Current Wait Time", Group, Duration, perGroup(currentWait), false},
	{"K1M8TZQ4", "Calls Waiting", Group, Count, perGroup(callsWaiting), false},
	{"K0Y7EANG", "Average Wait Time", Group, AverageDuration, perGroup(averageWait), false},
	{"K1S4GDUR", "Average Speed of Answer", Group, AverageDuration, perGroup(speedOfAnswer), false},
	{"K0B9SLMC", "Answer Time Left", Group, Duration, perGroup(answerTimeLeft), false},
	{"K1ZB0VXD", "Answer Overdue", Group, Boolean, perGroup(answerOverdue), false},
	{"K17KUZTS", "Agents Ready", Group, Count, perGroup(agentsReady), false},
	{"K1C7SIQF", "Service Level", Group, Percentage, perGroup(serviceLevel), false},
	{"K1D5PWXA", "Total Talk Time", CallDirection, Duration, perDirection(totalTalk), false},
	{"K0ND8HIE", "Calls by Direction", CallDirection, Count, perDirection(callsTalking), false},
	{"K06XOPBL", "Average Talk Time", AccountCode, AverageDuration, perAccount(averageTalk), false},
	{"K1FJ3RAC", "Calls by Account Code", AccountCode, Count, perAccount(callsTalking), false},
	{"K1WQ6CYO", "Current Caller", Agent, String, perAgent(currentCaller), false},
	{"K0G5LMNP", "Notice", None, String, single(notice), false},
	{"K1H2VQKJ", "Talk Less Wait", None, Duration, single(talkLessWait), false},
	{"K0R9PJTE", "Next Callback", None, Absent, single(func(*center) line { return absent() }), false},
	{unassignedID, "Calls on Recorded Lines", None, Count, single(callsInQueue), true},
}

// single, perGroup and the others return the series of a metric from a function
// that reads one value.

func single(read func(*center) line) func(*center) []*series {
	return func(c *center) []*series {
		return []*series{{read: func() line { return read(c) }}}
	}
}

func perGroup(read func(*center, *queue) line) func(*center) []*series {
	return func(c *center) (out []*series) {
		for _, q := range c.queues {
			out = append(out, &series{category: q.name, read: func() line { return read(c, q) }})
		}
		return out
	}
}

func perAgent(read func(*center, *agent) line) func(*center) []*series {
	return func(c *center) (out []*series) {
		for _, a := range c.agents {
			out = append(out, &series{category: a.name, read: func() line { return read(c, a) }})
		}
		return out
	}
}

func perDirection(read func(c *center, of func(*call) bool) line) func(*center) []*series {
	return perLabel(directions, func(k *call) string { return k.direction }, read)
}

func perAccount(read func(c *center, of func(*call) bool) line) func(*center) []*series {
	return perLabel(accountCodes, func(k *call) string { return k.account }, read)
}

// perLabel reads one value for the calls with each of the labels.
func perLabel(labels []string, label func(*call) string, read func(*center, func(*call) bool) line) func(*center) []*series {
	return func(c *center) (out []*series) {
		for _, l := range labels {
			want := c.mark + l
			of := func(k *call) bool { return label(k) == want }
			out = append(out, &series{category: want, read: func() line { return read(c, of) }})
		}
		return out
	}
}
