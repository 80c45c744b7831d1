// Package replicas tests several replicas as one service: real processes, a real engine, and a simulated phone system. It has tests only. All
// but one of them run at ./test.sh --full. They log what they measure, and assert what doesn't depend on the speed of the machine.
package replicas
