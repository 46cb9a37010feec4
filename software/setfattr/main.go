// Setfattr sets one extended attribute of a file: setfattr -n NAME -v VALUE FILE. It understands these words of the
// program of the same name, and no others; Debian's static busybox can read attributes, but not set them.
package main

import (
	"flag"
	"fmt"
	"os"
	"syscall"
)

func main() {
	name := flag.String("n", "", "name of the attribute, such as ceph.quota.max_bytes")
	value := flag.String("v", "", "its value")
	flag.Parse()
	if *name == "" || flag.NArg() != 1 {
		flag.Usage()
		os.Exit(2)
	}
	if err := syscall.Setxattr(flag.Arg(0), *name, []byte(*value), 0); err != nil {
		fmt.Fprintf(os.Stderr, "setfattr: %s: %s: %v\n", flag.Arg(0), *name, err)
		os.Exit(1)
	}
}
