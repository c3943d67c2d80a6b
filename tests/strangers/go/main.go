// Command stranger verifies a log directory or a proof file offline, by the specifications alone.
package main

import (
	"flag"
	"fmt"
	"os"
	"strings"
)

// list is a flag that may be given several times.
type list []string

func (l *list) String() string         { return strings.Join(*l, " ") }
func (l *list) Set(value string) error { *l = append(*l, value); return nil }

func main() {
	if len(os.Args) < 2 {
		usage("say `log` or `proof`")
	}
	var logs, witnesses, from list
	flags := flag.NewFlagSet(os.Args[1], flag.ExitOnError)
	flags.Var(&logs, "log", "the log's public key")
	flags.Var(&witnesses, "witness", "a witness's public key; may be given several times")
	quorum := flags.Int("quorum", -1, "how many witnesses must have cosigned (1 if any is given)")
	flags.Var(&from, "from", "an older checkpoint that the log must extend")
	entry := flags.String("entry", "", "the entry that the proof is about")
	flags.Parse(os.Args[2:])
	if len(logs) != 1 || flags.NArg() != 1 {
		usage("give one `-log` and one path")
	}
	if *quorum < 0 {
		*quorum = 0
		if len(witnesses) > 0 {
			*quorum = 1
		}
	}
	trust, err := newTrust(logs[0], witnesses, *quorum)
	if err != nil {
		usage(err.Error())
	}
	var verdict string
	switch os.Args[1] {
	case "log":
		verdict, err = verifyLog(trust, flags.Arg(0), from)
	case "proof":
		verdict, err = verifyProof(trust, flags.Arg(0), *entry)
	default:
		usage("say `log` or `proof`")
	}
	if err != nil {
		fmt.Println("violation:", err)
		os.Exit(1)
	}
	fmt.Println("ok:", verdict)
}

func usage(problem string) {
	fmt.Fprintln(os.Stderr, "stranger:", problem)
	fmt.Fprintln(os.Stderr, "usage: stranger log|proof -log VKEY [-witness VKEY]... "+
		"[-quorum N] [-from CHECKPOINT]... [-entry FILE] PATH")
	os.Exit(2)
}
