package aws_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
	"github.com/stretchr/testify/require"

	awssim "github.com/skep-dev/skep/libs/sim/aws"
)

func record(action types.ChangeAction, name string, sort types.RRType, values ...string) types.Change {
	set := &types.ResourceRecordSet{Name: aws.String(name), Type: sort, TTL: aws.Int64(300)}
	for _, value := range values {
		set.ResourceRecords = append(set.ResourceRecords, types.ResourceRecord{Value: aws.String(value)})
	}
	return types.Change{Action: action, ResourceRecordSet: set}
}

func batchOf(zone *string, changes ...types.Change) *route53.ChangeResourceRecordSetsInput {
	return &route53.ChangeResourceRecordSetsInput{HostedZoneId: zone, ChangeBatch: &types.ChangeBatch{Changes: changes}}
}

func TestAZoneIsDelegatedFilledEmptiedAndDeleted(t *testing.T) {
	bubble(t, awssim.Options{}, func(t *testing.T, w *awssim.Simulation, c *ec2.Client) {
		ctx := t.Context()
		dns := route53.NewFromConfig(w.Config(account, region))
		parent, err := w.PutHostedZone(account, "example.test")
		require.NoError(t, err)
		again, err := w.PutHostedZone(account, "example.test.")
		require.NoError(t, err)
		require.Equal(t, parent, again)
		require.Empty(t, w.String(), "what was there before does not count")

		create := &route53.CreateHostedZoneInput{Name: aws.String("Orchid.Example.test"), CallerReference: aws.String("one")}
		zone, err := dns.CreateHostedZone(ctx, create)
		require.NoError(t, err)
		id := zone.HostedZone.Id
		require.Equal(t, "orchid.example.test.", *zone.HostedZone.Name)
		require.Len(t, zone.DelegationSet.NameServers, 4)
		_, err = dns.CreateHostedZone(ctx, create)
		refused(t, "HostedZoneAlreadyExists", err)
		found, err := dns.ListHostedZonesByName(ctx, &route53.ListHostedZonesByNameInput{DNSName: aws.String("orchid.example.test")})
		require.NoError(t, err)
		require.Equal(t, id, found.HostedZones[0].Id)

		delegation := record(types.ChangeActionUpsert, "orchid.example.test", types.RRTypeNs, zone.DelegationSet.NameServers...)
		change, err := dns.ChangeResourceRecordSets(ctx, batchOf(aws.String(parent), delegation))
		require.NoError(t, err)
		require.Equal(t, types.ChangeStatusPending, change.ChangeInfo.Status)
		time.Sleep(awssim.Latency("Change/insync"))
		status, err := dns.GetChange(ctx, &route53.GetChangeInput{Id: change.ChangeInfo.Id})
		require.NoError(t, err)
		require.Equal(t, types.ChangeStatusInsync, status.ChangeInfo.Status)

		s := buildSite(t, c)
		balancer, err := elb.NewFromConfig(w.Config(account, region)).CreateLoadBalancer(ctx, apiBalancer(s))
		require.NoError(t, err)
		alias := types.Change{Action: types.ChangeActionUpsert, ResourceRecordSet: &types.ResourceRecordSet{
			Name: aws.String("api.orchid.example.test"), Type: types.RRTypeA, AliasTarget: &types.AliasTarget{
				DNSName: balancer.LoadBalancers[0].DNSName, HostedZoneId: balancer.LoadBalancers[0].CanonicalHostedZoneId,
			},
		}}
		wildcard := record(types.ChangeActionCreate, "*.orchid.example.test", types.RRTypeCname, "ingress.orchid.example.test")
		_, err = dns.ChangeResourceRecordSets(ctx, batchOf(id, alias, wildcard, record(types.ChangeActionCreate, "bastion.orchid.example.test", types.RRTypeA, "198.51.100.7")))
		require.NoError(t, err)
		var names []string
		in := &route53.ListResourceRecordSetsInput{HostedZoneId: id, MaxItems: aws.Int32(2)}
		for {
			out, err := dns.ListResourceRecordSets(ctx, in)
			require.NoError(t, err)
			for _, set := range out.ResourceRecordSets {
				names = append(names, *set.Name+" "+string(set.Type))
			}
			if !out.IsTruncated {
				break
			}
			in.StartRecordName, in.StartRecordType = out.NextRecordName, out.NextRecordType
		}
		require.Equal(t, []string{
			"orchid.example.test. NS", "orchid.example.test. SOA", `\052.orchid.example.test. CNAME`, "api.orchid.example.test. A", "bastion.orchid.example.test. A",
		}, names)

		_, err = dns.DeleteHostedZone(ctx, &route53.DeleteHostedZoneInput{Id: id})
		refused(t, "HostedZoneNotEmpty", err)
		alias.Action, wildcard.Action, delegation.Action = types.ChangeActionDelete, types.ChangeActionDelete, types.ChangeActionDelete
		_, err = dns.ChangeResourceRecordSets(ctx, batchOf(id, alias, wildcard, record(types.ChangeActionDelete, "bastion.orchid.example.test", types.RRTypeA, "198.51.100.7")))
		require.NoError(t, err)
		_, err = dns.DeleteHostedZone(ctx, &route53.DeleteHostedZoneInput{Id: id})
		require.NoError(t, err)
		_, err = dns.GetHostedZone(ctx, &route53.GetHostedZoneInput{Id: id})
		refused(t, "NoSuchHostedZone", err)
		_, err = dns.CreateHostedZone(ctx, create)
		refused(t, "HostedZoneAlreadyExists", err)
		require.Contains(t, w.String(), "RecordSet orchid.example.test.", "the delegation is left behind")
		_, err = dns.ChangeResourceRecordSets(ctx, batchOf(aws.String(parent), delegation))
		require.NoError(t, err)
		require.NotContains(t, w.String(), "RecordSet")
	})
}

func TestABatchWithAnInvalidChangeChangesNothing(t *testing.T) {
	bubble(t, awssim.Options{}, func(t *testing.T, w *awssim.Simulation, _ *ec2.Client) {
		dns := route53.NewFromConfig(w.Config(account, region))
		id, err := w.PutHostedZone(account, "example.test")
		require.NoError(t, err)
		there := record(types.ChangeActionCreate, "www.example.test", types.RRTypeA, "198.51.100.7")
		_, err = dns.ChangeResourceRecordSets(t.Context(), batchOf(&id, there))
		require.NoError(t, err)
		before := w.String()
		for says, change := range map[string]types.Change{
			"but it already exists":                 there,
			"but it was not found":                  record(types.ChangeActionDelete, "ftp.example.test", types.RRTypeA, "198.51.100.7"),
			"do not match the current values":       record(types.ChangeActionDelete, "www.example.test", types.RRTypeA, "198.51.100.8"),
			"is not permitted in zone":              record(types.ChangeActionUpsert, "www.example.com", types.RRTypeA, "198.51.100.7"),
			"is not permitted as it conflicts":      record(types.ChangeActionUpsert, "www.example.test", types.RRTypeCname, "example.com"),
			"is not permitted at apex":              record(types.ChangeActionUpsert, "example.test", types.RRTypeCname, "example.com"),
			"is not a valid IPv4 address":           record(types.ChangeActionUpsert, "a.example.test", types.RRTypeA, "::1"),
			"should be enclosed in quotation marks": record(types.ChangeActionUpsert, "a.example.test", types.RRTypeTxt, "bare"),
			"Missing field 'TTL'":                   record(types.ChangeActionUpsert, "a.example.test", types.RRTypeA),
			"does not lie within the target zone": {Action: types.ChangeActionUpsert, ResourceRecordSet: &types.ResourceRecordSet{
				Name: aws.String("a.example.test"), Type: types.RRTypeA,
				AliasTarget: &types.AliasTarget{DNSName: aws.String("b.elb.eu-central-1.amazonaws.com"), HostedZoneId: aws.String("Z26RNL4JYFTOTI")},
			}},
		} {
			_, err := dns.ChangeResourceRecordSets(t.Context(), batchOf(&id, record(types.ChangeActionUpsert, "ok.example.test", types.RRTypeA, "198.51.100.1"), change))
			refused(t, "InvalidChangeBatch", err)
			require.ErrorContains(t, err, says)
			require.Equal(t, before, w.String())
		}
	})
}

func TestAZoneWorksOnOneRequestAtATime(t *testing.T) {
	bubble(t, awssim.Options{}, func(t *testing.T, w *awssim.Simulation, _ *ec2.Client) {
		dns := route53.NewFromConfig(w.Config(account, region), func(o *route53.Options) { o.RetryMaxAttempts = 1 })
		id, err := w.PutHostedZone(account, "example.test")
		require.NoError(t, err)
		errs := make([]error, 2)
		var both sync.WaitGroup
		for i, name := range []string{"a.example.test", "b.example.test"} {
			both.Go(func() {
				_, errs[i] = dns.ChangeResourceRecordSets(t.Context(), batchOf(&id, record(types.ChangeActionUpsert, name, types.RRTypeA, "198.51.100.7")))
			})
		}
		both.Wait()
		if errs[0] != nil {
			errs[0], errs[1] = errs[1], errs[0]
		}
		require.NoError(t, errs[0])
		refused(t, "PriorRequestNotComplete", errs[1])
	})
}

func TestZonesAreTaggedAfterwards(t *testing.T) {
	bubble(t, awssim.Options{}, func(t *testing.T, w *awssim.Simulation, _ *ec2.Client) {
		dns := route53.NewFromConfig(w.Config(account, region))
		zone, err := dns.CreateHostedZone(t.Context(), &route53.CreateHostedZoneInput{Name: aws.String("orchid.test"), CallerReference: aws.String("one")})
		require.NoError(t, err)
		id := strings.TrimPrefix(*zone.HostedZone.Id, "/hostedzone/")
		_, err = dns.ChangeTagsForResource(t.Context(), &route53.ChangeTagsForResourceInput{
			ResourceId: &id, ResourceType: types.TagResourceTypeHostedzone, AddTags: []types.Tag{{Key: aws.String("Name"), Value: aws.String("orchid")}},
		})
		require.NoError(t, err)
		out, err := dns.ListTagsForResource(t.Context(), &route53.ListTagsForResourceInput{ResourceId: &id, ResourceType: types.TagResourceTypeHostedzone})
		require.NoError(t, err)
		require.Equal(t, "orchid", *out.ResourceTagSet.Tags[0].Value)
	})
}
