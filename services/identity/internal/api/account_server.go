package api

import (
	"context"

	identityv1 "github.com/skep-dev/skep/proto/gen/go/skep/identity/v1"

	"github.com/skep-dev/skep/libs/engine/collection"
)

// AccountServer serves AccountService.
type AccountServer struct {
	identityv1.UnimplementedAccountServiceServer
	accounts *collection.Collection[*identityv1.Account]
	keeper   *Accounts
}

// NewAccountServer returns the gRPC face of accounts.
func NewAccountServer(accounts *Accounts) *AccountServer {
	return &AccountServer{accounts: accounts.collection(), keeper: accounts}
}

// ApplyAccount implements AccountService.
func (s *AccountServer) ApplyAccount(ctx context.Context, in *identityv1.ApplyAccountRequest) (*identityv1.ApplyAccountResponse, error) {
	r, err := s.accounts.Apply(ctx, in.GetAccount(), in.GetValidateOnly())
	if err != nil {
		return nil, err
	}
	return &identityv1.ApplyAccountResponse{Account: r}, nil
}

// GetAccount implements AccountService.
func (s *AccountServer) GetAccount(_ context.Context, in *identityv1.GetAccountRequest) (*identityv1.GetAccountResponse, error) {
	r, err := s.accounts.Get(in.GetName())
	if err != nil {
		return nil, err
	}
	return &identityv1.GetAccountResponse{Account: r}, nil
}

// ListAccounts implements AccountService.
func (s *AccountServer) ListAccounts(_ context.Context, in *identityv1.ListAccountsRequest) (*identityv1.ListAccountsResponse, error) {
	found, next, err := s.accounts.List(in.GetParent(), in)
	if err != nil {
		return nil, err
	}
	return &identityv1.ListAccountsResponse{Accounts: found, NextPageToken: next}, nil
}

// DeleteAccount implements AccountService. What is used is not deleted.
func (s *AccountServer) DeleteAccount(ctx context.Context, in *identityv1.DeleteAccountRequest) (*identityv1.DeleteAccountResponse, error) {
	if err := s.keeper.unused(in.GetName()); err != nil {
		return nil, err
	}
	r, err := s.accounts.Delete(ctx, in)
	if err != nil {
		return nil, err
	}
	return &identityv1.DeleteAccountResponse{Account: r}, nil
}

// WatchAccounts implements AccountService.
func (s *AccountServer) WatchAccounts(in *identityv1.WatchAccountsRequest, stream identityv1.AccountService_WatchAccountsServer) error {
	return s.accounts.Watch(stream.Context(), in.GetParent(), in.GetFilter(), func(c collection.Change[*identityv1.Account]) error {
		return stream.Send(&identityv1.WatchAccountsResponse{Account: c.Resource, Deleted: c.Deleted, Synced: c.Synced})
	})
}
