package mutants_test

// mutants are the safety lines of Skep, with the test that guards each of them.
var mutants = []mutant{
	{
		line: "a create follows its stored intent",
		file: "libs/engine/graph/ensure.go", old: "if err := v.Ledger.Intend(ctx, *e); err != nil {", mutated: "if err := ctx.Err(); err != nil {",
		folder: "libs/engine/graph", guard: "^TestNoCreateWithoutAStoredIntent$",
	},
	{
		line: "a write requires the revision that it was decided on",
		file: "libs/engine/store/swap.go", old: "append(slices.Clip(opts), jetstream.WithExpectLastSequencePerSubject(expected))...", mutated: "slices.Clip(append(opts, jetstream.WithExpectStream(s.stream.stream.CachedInfo().Config.Name)))...",
		folder: "libs/engine/store", guard: "^TestAWriteRequiresTheExpectedRevision$",
	},
	{
		line: "an intent requires the revision of its record",
		file: "libs/engine/store/swap.go", old: "append(slices.Clip(opts), jetstream.WithExpectLastSequencePerSubject(expected))...", mutated: "slices.Clip(append(opts, jetstream.WithExpectStream(s.stream.stream.CachedInfo().Config.Name)))...",
		folder: "libs/engine/reconciler", guard: "^TestAConflictStopsCreatesAndKeepsTheFacts$",
	},
	{
		line: "a requested resource has the consistency window to appear before it is created again",
		file: "libs/engine/graph/ensure.go", old: "if v.mayAppearFor() > 0 {", mutated: "if v.mayAppearFor() > ConsistencyWindow {",
		folder: "libs/engine/graph", guard: "^TestALostAnswerWithoutATokenCreatesNoSecondResource$",
	},
	{
		line: "a requested resource has the consistency window to appear before its entry is removed",
		file: "libs/engine/graph/uncertainty.go", old: "return ConsistencyWindow - v.awsTime(time.Since(requested))", mutated: "return -v.awsTime(time.Since(requested))",
		folder: "libs/engine/graph", guard: "^TestDeleteOfAnIntentWaitsForTheConsistencyWindow$",
	},
	{
		line: "a mirror gets the next record after it acknowledged the last",
		file: "libs/platform/bus/stream.go", old: "MaxAckPending: 1,", mutated: "",
		folder: "libs/platform/bus", guard: "^TestARecreatedMirrorGetsUnacknowledgedRecords$",
	},
	{
		line: "a stopped mirror is restarted",
		file: "libs/engine/store/mirrors.go", old: "found && before == now", mutated: "found && before != now",
		folder: "libs/engine/store", guard: "^TestOnlyAMirrorThatStoppedIsReset$",
	},
	{
		line: "a repeated create has the same token",
		file: "libs/engine/graph/ensure.go", old: "return v.create(ctx, e.Attempt)", mutated: "return v.create(ctx, e.Attempt+1)",
		folder: "libs/engine/graph", guard: "^TestARepeatedCreateCreatesNoSecondResource$",
	},
	{
		line: "a call without an answer is uncertain, not refused",
		file: "libs/engine/graph/ensure.go", old: ` && !f.Uncertain`, mutated: "",
		folder: "libs/engine/graph", guard: "^TestAnUncertainErrorCreatesNoSecondResource$",
	},
	{
		line: "a resource with a natural key has its id from the intent on",
		file: "libs/engine/graph/ensure.go", old: "e.Key = keyed.Key()", mutated: "_ = keyed.Key()",
		folder: "libs/engine/graph", guard: "^TestDeleteUsesTheNaturalKeyAfterALostAnswer$",
	},
	{
		line: "every resource carries its intent tag from its create on",
		file: "libs/aws/session/owner.go", old: "{TagIntent, token},", mutated: "",
		folder: "services/network/internal/network", guard: "^TestNetworkObeysTheGraphLaws$",
	},
	{
		line: "tags of users cannot replace the tags of Skep",
		file: "libs/aws/session/owner.go", old: "if !reserved[tag.Key] && !strings.HasPrefix(tag.Key, TagPrefix) {", mutated: "if strings.HasPrefix(tag.Key, TagPrefix) || true {",
		folder: "libs/aws/session", guard: "^TestTagsOfTheOwnerCannotBeShadowed$",
	},
	{
		line: "each resource is deleted after its dependents",
		file: "libs/engine/graph/delete.go", old: "after: plan.after[e.Name]}", mutated: "after: plan.after[\"\"]}",
		folder: "libs/engine/graph", guard: "^TestDeleteRemovesEachResourceAfterItsDependents$",
	},
	{
		line: "a delete blocker keeps a resource",
		file: "libs/engine/graph/delete.go", old: `reason := v.DeleteBlocker(e.Name); reason != ""`, mutated: `reason := v.DeleteBlocker(e.Name); reason == "never"`,
		folder: "libs/engine/graph", guard: "^TestADeleteBlockerKeepsAResourceAndItsNeeds$",
	},
	{
		line: "the facts of a reconciliation survive a conflict",
		file: "libs/engine/reconciler/merge.go", old: "merged = fact", mutated: "_ = fact",
		folder: "libs/engine/reconciler", guard: "^TestAConflictStopsCreatesAndKeepsTheFacts$",
	},
	{
		line: "a refusal does not hide the request of another replica",
		file: "libs/engine/reconciler/merge.go", old: "(!refused || !requestedSince(stored, known))", mutated: "(!refused || stored != nil)",
		folder: "libs/engine/reconciler", guard: "^TestARefusalDoesNotHideTheRequestOfAnotherReplica$",
	},
	{
		line: "a merge keeps the facts of another replica",
		file: "libs/engine/reconciler/merge.go", old: "; !proto.Equal(e, stored[e.GetName()]) {", mutated: "; e != nil || stored == nil {",
		folder: "libs/engine/reconciler", guard: "^TestAMergeKeepsTheFactsOfAnotherReplica$",
	},
	{
		line: "a shard is taken only after the lease of its holder has ended",
		file: "libs/engine/queue/balance.go", old: "case holder != s.name && mine && h.free(s, holder):", mutated: "case holder != s.name && mine:",
		folder: "libs/engine/queue", guard: "^(TestAHandoverWaitsForTheRunsOfTheShard|TestReplicasShareTheKeysAndRunEachKeyOnce)$",
	},
	{
		line: "a replica gives up its lease before the server does",
		file: "libs/engine/queue/session.go", old: "return s.ttl * 3 / 4", mutated: "return s.ttl * 30",
		folder: "libs/engine/queue", guard: "^TestARunContextEndsBeforeAnotherReplicaTakesTheKey$",
	},
	{
		line: "an accepted create is not repeated while the resource does not appear",
		file: "libs/engine/graph/ensure.go", old: "keyed && e.State != Pending {", mutated: "keyed {",
		folder: "libs/engine/graph", guard: "^TestAKeyedResourceThatAppearsLateIsCreatedOnce$",
	},
	{
		line: "a repeated decision concerns the same object",
		file: "libs/engine/collection/uid_precondition.go", old: "if r.GetUid() != string(*uid) {", mutated: "if r.GetUid() == string(*uid)+string(*uid) {",
		folder: "libs/engine/collection", guard: "^TestAStalledWriteDoesNotChangeALaterObject$",
	},
	{
		line: "rules between security groups are deleted before the groups",
		file: "services/network/internal/network/security_group.go", old: `errorclass.Code(err) == "DependencyViolation"`, mutated: `errorclass.Code(err) == "never"`,
		folder: "test/faults", guard: "^TestAResourceThatAppearsLateIsCreatedOnce$/ids_and_tags_just_before_five/delete-during-create", slow: true,
	},
	{
		line: "the SDK does not repeat calls that may have taken effect",
		file: "libs/aws/session/instrument.go", old: "IsErrorRetryable(err error) bool { return errorclass.IsThrottle(err) }", mutated: "IsErrorRetryable(err error) bool { return true || errorclass.IsThrottle(err) }",
		folder: "test/faults", guard: "^TestBugsOfPeersDoNotHappenHere$/4723", slow: true,
	},
}
