package route53

import "github.com/skep-dev/skep/libs/sim/aws/internal/engine"

// NewService returns Route 53.
func NewService() *engine.Service {
	s := &engine.Service{
		ID: "Route 53",
		// https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DNSLimitations.html
		Quotas: map[string]int{"HostedZonesPerAccount": 500, "RecordSetsPerZone": 10000, "ChangesPerBatch": 1000},
		// Five requests per second for an account, all operations and regions together.
		Limits: func(string, bool, any) []engine.Limit {
			return []engine.Limit{{Family: "all", Burst: 5, Refill: 5, Global: true}}
		},
		ARN: arnOf,
	}
	s.AddTypes(hostedZones, zoneFixtures, callerReferences, recordSets, changes)
	handleHostedZone(s)
	handleHostedZoneList(s)
	handleHostedZoneTag(s)
	handleRecordSet(s)
	handleChangeBatch(s)
	handleChanges(s)
	return s
}

// arnOf names a hosted zone: the tagging API lists no other resource of Route 53.
func arnOf(e *engine.LedgerEntry, t engine.Type) (arn, resourceType string) {
	if t.Name != hostedZones.Name {
		return "", ""
	}
	return "arn:aws:route53:::hostedzone/" + e.ID, "route53:hostedzone"
}
