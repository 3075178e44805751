package command

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"google.golang.org/protobuf/proto"

	identityv1 "github.com/skep-dev/skep/proto/gen/go/skep/identity/v1"

	"github.com/skep-dev/skep/cli/internal/objecttype"
	"github.com/skep-dev/skep/cli/internal/output"
)

// budgetCommand returns `skep budget` with list and get.
func (s *settings) budgetCommand() *cobra.Command {
	cmd := group("budget", "rates of AWS calls in each account, and their consumers", s.budgetList(), s.budgetGet())
	cmd.Aliases = []string{"budgets"}
	return cmd
}

func (s *settings) budgetList() *cobra.Command {
	var page listing
	var account string
	cmd := &cobra.Command{
		Use: "list", Aliases: []string{"ls"}, Short: "List budgets: one for each AWS service in each region of an account", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			conn, closeConnection, err := s.dial()
			if err != nil {
				return err
			}
			defer closeConnection()
			in := &identityv1.ListBudgetsRequest{
				Parent: budgetAccount(page.of(s).Organization, account), Filter: page.filter, PageSize: page.size,
			}
			all := new(identityv1.ListBudgetsResponse)
			for more := true; more; more = in.GetPageToken() != "" {
				out, err := identityv1.NewBudgetServiceClient(conn).ListBudgets(cmd.Context(), in)
				if err != nil {
					return err
				}
				in.PageToken, out.NextPageToken = out.GetNextPageToken(), ""
				proto.Merge(all, out)
			}
			found := make([]string, len(all.GetBudgets()))
			for i, b := range all.GetBudgets() {
				found[i] = b.GetName()
			}
			return show(cmd.OutOrStdout(), s.output, all, found, budgetRows(all.GetBudgets()...))
		},
	}
	page.bind(cmd.Flags())
	cmd.Flags().StringVar(&account, "account", "-", "account, or `installation` for the account of Skep itself")
	return cmd
}

func (s *settings) budgetGet() *cobra.Command {
	return &cobra.Command{
		Use: "get ACCOUNT/REGION-SERVICE", Short: "Show a budget, such as main/eu-central-1-ec2", Args: one("budget"),
		RunE: func(cmd *cobra.Command, args []string) error {
			conn, closeConnection, err := s.dial()
			if err != nil {
				return err
			}
			defer closeConnection()
			name := args[0]
			if account, id, ok := strings.Cut(name, "/"); ok && strings.Count(name, "/") == 1 {
				name = budgetAccount(s.organization, account) + "/budgets/" + id
			}
			out, err := identityv1.NewBudgetServiceClient(conn).GetBudget(cmd.Context(), &identityv1.GetBudgetRequest{Name: name})
			if err != nil {
				return err
			}
			return show(cmd.OutOrStdout(), s.output, out.GetBudget(), []string{out.GetBudget().GetName()}, budgetRows(out.GetBudget()))
		},
	}
}

// installation is the parent of the budgets of the account in which Skep itself runs.
const installation = "installation"

func budgetAccount(organization, account string) string {
	if account == installation || strings.HasPrefix(account, "organizations/") {
		return account
	}
	return fmt.Sprintf("organizations/%s/accounts/%s", organization, account)
}

// budgetRows returns a table of budgets, with one row per token bucket.
func budgetRows(budgets ...*identityv1.Budget) *output.Rows {
	rows := &output.Rows{
		Columns: []string{"budget", "bucket", "level", "burst", "refill/s", "last minute", "last hour", "waiting", "throttled", "top consumer"},
		Empty:   "Skep has made no calls.",
	}
	for _, b := range budgets {
		for _, bucket := range b.GetBuckets() {
			rows.Add(
				budgetID(b.GetName()), bucket.GetFamily(),
				strconv.FormatFloat(bucket.GetLevel(), 'f', 1, 64), strconv.Itoa(int(bucket.GetBurst())),
				strconv.FormatFloat(bucket.GetRefillRate()*bucket.GetRefillShare(), 'g', 3, 64),
				strconv.FormatInt(bucket.GetLastMinuteCount(), 10), strconv.FormatInt(bucket.GetLastHourCount(), 10),
				strconv.Itoa(int(bucket.GetWaitingCount())), strconv.FormatInt(bucket.GetThrottleCount(), 10), topConsumer(bucket),
			)
		}
	}
	return rows
}

// budgetID returns the short name of a budget: account and id.
func budgetID(name string) string {
	account, id, _ := strings.Cut(name, "/budgets/")
	return objecttype.ID(account) + "/" + id
}

// topConsumer returns the consumer that drew the most tokens in the last hour, with their number.
func topConsumer(bucket *identityv1.TokenBucket) string {
	if len(bucket.GetConsumers()) == 0 {
		return ""
	}
	first := bucket.GetConsumers()[0]
	who := first.GetService()
	if parts := strings.Split(first.GetOwner(), "/"); len(parts) == 4 {
		who = parts[2] + "/" + parts[3]
	}
	return fmt.Sprintf("%s (%d)", who, first.GetLastHourCount())
}
