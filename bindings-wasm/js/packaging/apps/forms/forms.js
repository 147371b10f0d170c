// The same form by react-hook-form and by TanStack Form: a `ServiceForm` is a Standard Schema, so both take it as it is.
import { standardSchemaResolver } from "@hookform/resolvers/standard-schema";
import { useForm as useTanstack } from "@tanstack/react-form";
import { createElement as h } from "react";
import { useForm } from "react-hook-form";

/** By react-hook-form, the fields named by their slugs. A file input is validated as it is. */
export function HookForm({ service, onDone }) {
  const { register, handleSubmit, formState } = useForm({ resolver: standardSchemaResolver(service) });
  const rows = service.fields.map(({ slug, label, input }) =>
    h(
      "p",
      { key: slug },
      h("label", null, label, h("input", { type: input.inputType, ...register(slug) })),
      h("output", { id: `hook-${slug}` }, formState.errors[slug]?.message),
    ),
  );
  return h("form", { onSubmit: handleSubmit(onDone), noValidate: true }, rows, h("button", null, "Continua"));
}

/** By TanStack Form. */
export function TanstackForm({ service, onDone }) {
  const texts = service.fields.filter(({ kind }) => kind !== "file");
  const form = useTanstack({
    defaultValues: Object.fromEntries(texts.map(({ slug }) => [slug, ""])),
    validators: { onSubmit: service },
    onSubmit: ({ value }) => onDone(value),
  });
  const row = ({ slug, label }) =>
    h(form.Field, { key: slug, name: slug }, (field) =>
      h(
        "p",
        null,
        h(
          "label",
          null,
          label,
          h("input", { value: field.state.value, onChange: (event) => field.handleChange(event.target.value) }),
        ),
        h("output", { id: `tanstack-${slug}` }, field.state.meta.errors.map((error) => error.message).join(" ")),
      ),
    );
  const submit = (event) => {
    event.preventDefault();
    void form.handleSubmit();
  };
  return h("form", { onSubmit: submit, noValidate: true }, texts.map(row), h("button", null, "Continua"));
}
