/**
 * Opens the front desk's page.
 * @module
 */
import { render } from 'preact';
import { openPage } from '../page/start.ts';
import { App } from './app.tsx';

const resources = [
  'Communication.crs',
  'Consent.crus',
  'DocumentReference.rs',
  'Organization.rs',
  'PractitionerRole.rs',
  'Questionnaire.rs',
];
const opened = openPage('desk', { resources: resources.map(scope => `user/${scope}`), patient: false });
render(<App {...opened} />, document.getElementById('page')!);
