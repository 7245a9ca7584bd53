// franz-go as alice: reads what stands on stdin (JSON: ../programs.mjs), does it, and prints what came of it as JSON.
package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sasl/oauth"
	"github.com/twmb/franz-go/pkg/sasl/plain"
	"github.com/twmb/franz-go/pkg/sasl/scram"
)

const deadline = 30 * time.Second

type task struct {
	Servers, Protocol, Mechanism, Username, Password, Wrong, Ca, Certificate, Key string
	Topic, Group                                                                  string
	Count                                                                         int
	Seconds                                                                       float64
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func (t task) client(more ...kgo.Opt) *kgo.Client {
	options := []kgo.Opt{kgo.SeedBrokers(t.Servers), kgo.AllowAutoTopicCreation(), kgo.UnknownTopicRetries(20)}
	if t.Ca != "" {
		options = append(options, kgo.DialTLSConfig(t.tls()))
	}
	switch t.Mechanism {
	case "OAUTHBEARER":
		options = append(options, kgo.SASL(oauth.Auth{Token: t.Password}.AsMechanism()))
	case "PLAIN":
		options = append(options, kgo.SASL(plain.Auth{User: t.Username, Pass: t.Password}.AsMechanism()))
	case "SCRAM-SHA-256":
		options = append(options, kgo.SASL(scram.Auth{User: t.Username, Pass: t.Password}.AsSha256Mechanism()))
	case "SCRAM-SHA-512":
		options = append(options, kgo.SASL(scram.Auth{User: t.Username, Pass: t.Password}.AsSha512Mechanism()))
	}
	client, err := kgo.NewClient(append(options, more...)...)
	must(err)
	return client
}

func (t task) tls() *tls.Config {
	pem, err := os.ReadFile(t.Ca)
	must(err)
	config := &tls.Config{RootCAs: x509.NewCertPool()}
	config.RootCAs.AppendCertsFromPEM(pem)
	if t.Certificate != "" {
		pair, err := tls.LoadX509KeyPair(t.Certificate, t.Key)
		must(err)
		config.Certificates = []tls.Certificate{pair}
	}
	return config
}

// name is Kafka's for an error, its text where it is none of Kafka's, and nil for none.
func name(err error) any {
	var known *kerr.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &known):
		return known.Message
	default:
		return err.Error()
	}
}

func (t task) produce(topic string, values []string) any {
	client := t.client()
	defer client.Close()
	ctx, cancel := context.WithTimeout(context.Background(), deadline)
	defer cancel()
	for _, value := range values {
		if err := client.ProduceSync(ctx, &kgo.Record{Topic: topic, Value: []byte(value)}).FirstErr(); err != nil {
			return name(err)
		}
		time.Sleep(time.Duration(t.Seconds * float64(time.Second) / float64(len(values))))
	}
	return nil
}

func (t task) consume(topic, group string, count int) (seen []string, failed any) {
	client := t.client(kgo.ConsumerGroup(group), kgo.ConsumeTopics(topic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	defer client.Close()
	ctx, cancel := context.WithTimeout(context.Background(), deadline)
	defer cancel()
	for len(seen) < count {
		fetches := client.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			return seen, name(err)
		}
		fetches.EachRecord(func(record *kgo.Record) { seen = append(seen, string(record.Value)) })
	}
	return seen, name(client.CommitUncommittedOffsets(ctx))
}

// ping is asked where nobody may come in: records would wait for as long as they may.
func (t task) ping() any {
	client := t.client()
	defer client.Close()
	return name(client.Ping(context.Background()))
}

func (t task) allRights(values []string) map[string]any {
	told := map[string]any{"write": t.produce(t.Topic, values)}
	told["values"], told["read"] = t.consume(t.Topic, t.Group, len(values))
	told["writeHidden"] = t.produce("hidden", []string{"x"})
	told["writeLocked"] = t.produce("locked", []string{"x"})
	_, told["readLocked"] = t.consume("locked", t.Group, 1)
	_, told["joinForbidden"] = t.consume(t.Topic, "forbidden", 1)
	if t.Password != "" {
		t.Password = t.Wrong
		told["wrongPassword"] = t.ping()
	}
	return told
}

func (t task) forSeconds(values []string) map[string]any {
	told := map[string]any{}
	var reading sync.WaitGroup
	reading.Add(1)
	go func() {
		defer reading.Done()
		told["values"], told["read"] = t.consume(t.Topic, t.Group, len(values))
	}()
	write := t.produce(t.Topic, values)
	reading.Wait()
	told["write"] = write
	return told
}

func main() {
	var t task
	must(json.NewDecoder(os.Stdin).Decode(&t))
	values := make([]string, t.Count)
	for at := range values {
		values[at] = fmt.Sprintf("v%d", at)
	}
	if t.Seconds > 0 {
		must(json.NewEncoder(os.Stdout).Encode(t.forSeconds(values)))
	} else {
		must(json.NewEncoder(os.Stdout).Encode(t.allRights(values)))
	}
}
