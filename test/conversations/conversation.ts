/** A recorded talk with a broker: what is asked, and what Apache Kafka answered. The format is told in README.md here. */
export interface Conversation {
  name: string
  about: string
  /** Settings of the broker other than the usual ones. */
  broker?: Record<string, string>
  /** It needs a broker with two listeners, one of them with SASL. */
  security?: boolean
  /** Who is made before it begins, with their passwords. */
  users?: Record<string, string>
  steps: Step[]
}

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json }

export interface Step {
  conn?: string
  /** Who speaks: a user of the conversation, admin, bob or anonymous. */
  as?: string
  api?: string
  version?: number
  request?: Json
  response?: Json
  clientId?: string
  capture?: Record<string, string>
  until?: { at: string; is: Json }
  after?: number
  within?: number
  later?: string
  receive?: string
  silent?: string
  for?: number
  mine?: string
  /** Parts that were recorded as "*"; says nothing to the player. */
  any?: string[]
  noResponse?: boolean
  cut?: number
  extra?: string
  hex?: string
  /** A SASL token without a Kafka header. */
  token?: Json
  sasl?: { mechanism?: string; username: string; password: string }
  acls?: string[]
  /** The ACLs are taken away. */
  remove?: boolean
  closed?: string
  close?: string
  wait?: number
  restart?: 'kill' | 'stop'
}
