package simulator

import "time"

// The call center's people, queues and customers. It has slightly too few
// agents: impatient callers who hang up limit the queues.

// staff lists the agents and the queues that each one serves. The last one
// never logs in, so that some values are absent.
var staff = []struct {
	name    string
	queues  []string
	present bool
}{
	{"John Doe(481)", []string{"Support"}, true},
	{"Abraham Lincoln(871)", []string{"Support"}, true},
	{"Mei Chen(112)", []string{"Support"}, true},
	{"Siobhán O'Brien(113)", []string{"Sales"}, true},
	{"Ana Lucía Peña(114)", []string{"Sales"}, true},
	{"Priya Natarajan(115)", []string{"Billing", "Returns"}, true},
	{"Olu Adeyemi(116)", []string{"Billing", "Returns"}, true},
	{"Elvis Presley(121)", []string{"Support", "Returns"}, false},
}

// groups lists the queues with their mean arrivals over a day. Returns has
// nearly no calls, for values without anything to count.
var groups = []struct {
	name      string
	perMinute float64
}{
	{"Support", 1.50},
	{"Sales", 0.50},
	{"Billing", 0.42},
	{"Returns", 0.02},
}

// busyQueue is the queue that Options.Busy fills.
const busyQueue = "Support"

var accountCodes = []string{"1001 Warranty", "1002 Contract", "2000 New Customer", "9999 Other"}

const (
	inbound  = "Inbound"
	outbound = "Outbound"
	internal = "Internal"
)

var directions = []string{inbound, outbound, internal}

// hostileText is markup, quotes and an ampersand, as in a caller's name or a
// notice.
const hostileText = `<b>&"'</b>`

var callers = []string{
	"+1 (801) 555-0142", "+44 20 7946 0018", "Zoë Ångström", "O'Hara & Sons", "anonymous",
	hostileText, `<script>alert(1)</script>`, "李小龙", `"Quoted" \ Backslash`, "+49 30 901820",
}

// Durations in life, at speed 1.
const (
	talkMean     = 4 * time.Minute
	talkMin      = 20 * time.Second
	ownCallMean  = 90 * time.Second // a call that an agent makes
	wrapMean     = 30 * time.Second // notes written after a call
	patienceMean = 5 * time.Minute
	patienceMin  = 30 * time.Second
	patienceMax  = 12 * time.Minute
	promise      = 2 * time.Minute // promised answer time

	warmUp  = 20 * time.Minute // simulated before the first request
	catchUp = 24 * time.Hour   // longest time simulated at once
)

const (
	maxWaiting    = 25   // callers in a queue; the next one hears the busy tone
	ownCallChance = 0.15 // of an agent making a call before taking the next
	recentCalls   = 20   // answered calls in averages and percentages
)
