package faults

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/skep-dev/skep/libs/aws/session"
	"github.com/skep-dev/skep/libs/engine/store"
	awssim "github.com/skep-dev/skep/libs/sim/aws"
	"github.com/skep-dev/skep/test/clustertest"
)

// builders are the services that create and change AWS resources.
var builders = []string{"identity", "network", "ingress", "compute", "bastion"}

// tokenless are the creating operations without a token, each with the resource type of
// the ledger entry that must be stored before the call.
var tokenless = map[string]string{
	"AttachInternetGateway":          "internet-gateway-attachment",
	"CreateRoute":                    "route",
	"AssociateRouteTable":            "route-table-association",
	"PutRolePolicy":                  "role-policy",
	"AddRoleToInstanceProfile":       "instance-profile-role",
	"AttachVolume":                   "volume-attachment",
	"RegisterTargets":                "target",
	"AttachLoadBalancerTargetGroups": "target-group-attachment",
	"AuthorizeSecurityGroupIngress":  "security-group-rules",
	"ModifyTargetGroupAttributes":    "target-group-attributes",
	"ChangeTagsForResource":          "hosted-zone-tags",
	"RevokeSecurityGroupIngress":     "default-security-group",
	"RevokeSecurityGroupEgress":      "default-security-group",
}

// intents collects every ledger entry that the services have ever stored, from its own
// watches of the store, and the calls that had no stored intent.
type intents struct {
	mu         sync.Mutex
	tokens     map[string]bool
	ids        map[string]bool
	types      map[string]bool // by service and resource type
	violations []string
}

func newIntents() *intents {
	return &intents{tokens: make(map[string]bool), ids: make(map[string]bool), types: make(map[string]bool)}
}

// watch follows the records of every service until the context ends. It returns the
// function that waits for the end of the watches.
func (i *intents) watch(ctx context.Context, t *testing.T, s *clustertest.Suite) (wait func()) {
	t.Helper()
	var watches sync.WaitGroup
	for _, service := range builders {
		bucket, err := store.Open(ctx, s.NATS(service), service, store.Options{})
		require.NoError(t, err)
		watches.Go(func() { _ = bucket.Run(ctx) })
		watches.Go(func() { i.follow(ctx, service, bucket) })
	}
	return watches.Wait
}

// follow collects the ledger of every record and of every change.
func (i *intents) follow(ctx context.Context, service string, bucket *store.Bucket) {
	for ctx.Err() == nil {
		records, watch := bucket.Watch("")
		for _, r := range records {
			i.collect(service, r)
		}
		i.drain(ctx, service, watch)
		watch.Stop()
	}
}

func (i *intents) drain(ctx context.Context, service string, watch *store.Watch) {
	for {
		select {
		case change, ok := <-watch.C:
			if !ok {
				return
			}
			if change.Record != nil {
				i.collect(service, *change.Record)
			}
		case <-ctx.Done():
			return
		}
	}
}

func (i *intents) collect(service string, record store.Record) {
	i.mu.Lock()
	defer i.mu.Unlock()
	for _, e := range record.GetLedger() {
		i.tokens[e.GetToken()] = true
		i.ids[e.GetId()] = true
		for _, value := range e.GetAttributes() {
			i.ids[value] = true
		}
		resourceType, _, _ := strings.Cut(e.GetName(), "/")
		i.types[service+" "+resourceType] = true
	}
}

// check checks a mutating call against the stored ledgers: the intent of a create is stored,
// and a change names a resource that Skep owns. It records a violation otherwise.
func (i *intents) check(event Event, call awssim.Call, ledger []awssim.LedgerEntry) {
	input := textsOf(call.Input)
	token := input.token(call.Operation)
	i.mu.Lock()
	defer i.mu.Unlock()
	resourceType := tokenless[call.Operation]
	switch {
	case token != "" && i.tokens[token], resourceType != "" && i.types[event.Service+" "+resourceType]:
		return
	case token == "" && slices.ContainsFunc(input.all(), func(text string) bool { return i.owns(text, ledger) }):
		return
	}
	i.violations = append(i.violations, fmt.Sprintf("%s had no stored intent", event))
}

// owns reports whether a string of a call identifies a resource in a stored ledger.
func (i *intents) owns(text string, ledger []awssim.LedgerEntry) bool {
	if i.ids[text] {
		return true
	}
	e := lookup(ledger, text)
	return e != nil && i.tokens[e.Tags[session.TagIntent]]
}

// unintended returns the violations that check found.
func (i *intents) unintended() []string {
	i.mu.Lock()
	defer i.mu.Unlock()
	return slices.Clone(i.violations)
}

// token returns the token of a create, or "" for an operation without one.
func (t texts) token(operation string) string {
	// A version is a change of its launch template, which has the intent.
	if operation == "CreateLaunchTemplateVersion" {
		return ""
	}
	// A caller reference consists of the uid of the cluster and the token.
	_, reference, _ := strings.Cut(t.field("CallerReference"), "/")
	return cmp.Or(t.tag(session.TagIntent), t.field("ClientToken"), reference)
}
