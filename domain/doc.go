// Package domain holds the terms of the field: what a phone system measures (a [Reading], a value as a function of time), what a company
// publishes (a [Widget]), and what the public sees of it at an instant (a [Snapshot]).
//
// It is pure: no I/O, no clock, no encoding. Times are arguments. A function whose result depends on the time also returns until when it is
// true, so that callers can wait for that.
package domain
