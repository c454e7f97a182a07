// The form that is being written in.

import { findForm, hiddenField } from "./dom.js";

export const form = findForm("form[data-editor]");
export const saveKeyField = hiddenField(form, "save_key");

/** The save key of this page; its saves are "<pageKey>.<number>". */
export const pageKey = saveKeyField.value;

/** Return the newest token against forgery. */
export const csrfToken = () => hiddenField(form, "csrf_token").value;
