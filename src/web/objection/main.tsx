/**
 * Opens the patient's page.
 * @module
 */
import { render } from 'preact';
import { openPage } from '../page/start.ts';
import { App } from './app.tsx';

const resources = ['Patient.rs', 'Consent.crus', 'DocumentReference.rs', '*.rs'].map(scope => `patient/${scope}`);
const opened = openPage('objection', { resources, patient: true });
render(<App {...opened} />, document.getElementById('page')!);
