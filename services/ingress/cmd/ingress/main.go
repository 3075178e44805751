// Command ingress runs the ingress service of Skep against an outside NATS. Its
// settings are environment variables; -h lists them.
package main

import (
	"github.com/skep-dev/skep/libs/engine/frame"
	"github.com/skep-dev/skep/services/ingress"
)

func main() { frame.Main(ingress.Name, ingress.New) }
