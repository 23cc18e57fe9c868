// The types of Standard Schema and Standard JSON Schema, version 1, copied from their specifications so that nothing has to be installed.

/**
 * A schema that any library can validate with.
 *
 * @see {@link https://standardschema.dev}
 */
export interface StandardSchemaV1<Input = unknown, Output = Input> {
  readonly '~standard': StandardSchemaProps<Input, Output>
}

/** The properties of a Standard Schema. */
export interface StandardSchemaProps<Input = unknown, Output = Input> {
  readonly version: 1
  /** Name of the library that made the schema. */
  readonly vendor: string
  readonly validate: (value: unknown) => StandardSchemaResult<Output> | Promise<StandardSchemaResult<Output>>
  /** Never set: it only carries the types. */
  readonly types?: { readonly input: Input; readonly output: Output } | undefined
}

/** What `validate` returns: the output, or what is wrong. */
export type StandardSchemaResult<Output, Issue extends StandardSchemaIssue = StandardSchemaIssue> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly Issue[] }

/** One thing that is wrong. */
export interface StandardSchemaIssue {
  readonly message: string
  /** Where in the value: property names and indexes, from the outside in. */
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
}

/**
 * A schema that can be written as JSON Schema.
 *
 * @see {@link https://standardschema.dev/json-schema}
 */
export interface StandardJSONSchemaV1<Input = unknown, Output = Input> {
  readonly '~standard': StandardJSONSchemaProps<Input, Output>
}

/** The properties of a Standard JSON Schema. */
export interface StandardJSONSchemaProps<Input = unknown, Output = Input> {
  readonly version: 1
  /** Name of the library that made the schema. */
  readonly vendor: string
  readonly jsonSchema: {
    /** The JSON Schema of the input. */
    readonly input: (options: StandardJSONSchemaOptions) => Record<string, unknown>
    /** The JSON Schema of the output. */
    readonly output: (options: StandardJSONSchemaOptions) => Record<string, unknown>
  }
  /** Never set: it only carries the types. */
  readonly types?: { readonly input: Input; readonly output: Output } | undefined
}

/** Options of `jsonSchema.input` and `jsonSchema.output`. */
export interface StandardJSONSchemaOptions {
  /** The dialect of JSON Schema. */
  readonly target: 'draft-2020-12' | 'draft-07' | 'openapi-3.0' | (string & {})
  readonly libraryOptions?: Record<string, unknown> | undefined
}
